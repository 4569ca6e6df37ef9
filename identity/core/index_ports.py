"""What the workflows ask of a search: an index of one moment, and the files that it is opened from."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from identity.core.nearest import Nearest, Sought
from identity.core.search_state import SearchState, Snapshot
from identity.core.types import Distances, GalleryRecord, Ids, Labelled, Role, Vectors


class Index(Protocol):
    """Searches one gallery's samples; disposable, the store is the truth. Never mutated after it was made."""

    @property
    def identities(self) -> Ids:
        """Identity ids (c,) of all that may be found, ascending."""
        ...

    def listed(self, sought: Sought) -> int:
        """How many identities a search lists for a probe, as a rule: what bounds the memory of many probes."""
        ...

    def search(self, probes: Vectors, *, sought: Sought) -> Nearest:
        """What is sought near each probe (n, dim), with exact float32 distances.

        Guaranteed: every identity c with s_c(x) <= `sought.reach` is listed, s_c being the distance to its k-th nearest
        sample, with its exact distance; and so are the identities and the samples that are sought as the nearest ones.
        Of any other identity only this is said: its k-th nearest sample is farther than `Nearest.horizon`.
        """
        ...

    def own(self, probes: Vectors, identities: Ids, *, k: int) -> Distances:
        """Distances (n, k) of each probe to the k nearest samples of the one identity given with it; inf: none."""
        ...


class StoredVectors(Protocol):
    """The vectors of a gallery where they are stored, of one state of it: `GalleryChangedError` in any other."""

    @property
    def dim(self) -> int:
        """Their dimension."""
        ...

    @property
    def ranks(self) -> bool:
        """Whether the database itself can say which of them are near."""
        ...

    def counts(self) -> tuple[Ids, Ids]:
        """Identities (c,), ascending, NO_ID among them, and how many gallery samples each has."""
        ...

    def nearest(self, probe: Vectors, *, count: int) -> Ranked:
        """Of a probe (1, dim), the `count` vectors of largest products, by what the database reckons in float32."""
        ...

    def within(self, probe: Vectors, *, least: float, most: int) -> Ranked | None:
        """Of a probe (1, dim), all vectors of products of at least this; None where they are more than `most`."""
        ...

    def of_identity(self, identity: int) -> Vectors:
        """The vectors (n, dim) of one identity."""
        ...

    def ends(self, parts: int, *, most: int) -> tuple[int, ...]:
        """The largest ids of about so many equal parts of at most `most` samples; (0,) where there is none."""
        ...

    def between(self, after: int, last: int) -> Labelled:
        """The samples above one id, up to another, by ascending id."""
        ...

    def portions(self) -> Iterator[Labelled]:
        """All of them by ascending id, a part at a time."""
        ...


@dataclass(frozen=True, slots=True)
class Ranked:
    """Gallery samples near a probe. Every vector whose product is above `above` is among them."""

    labelled: Labelled
    above: float  # -inf: these are all


class VectorSource(Protocol):
    """A store's gallery, as somebody who makes a snapshot of it reads it."""

    @property
    def gallery(self) -> GalleryRecord:
        """The gallery as it stands now."""
        ...

    def all_vectors(self, role: Role) -> tuple[int, Labelled]:
        """The change counter and all vectors of a role by ascending id, crc32 checked, in one transaction."""
        ...

    def stored_vectors(self, changes: int) -> StoredVectors:
        """The gallery samples' vectors where they are stored, while the gallery's counter stays what it is."""
        ...


class Snapshots(Protocol):
    """Makes indexes out of what the store says, with a file per gallery as a cache."""

    def index(self, state: SearchState) -> Index:
        """The whole search set; raises `IndexFileError` where the snapshot's file does not fit."""
        ...

    def holds(self, samples: int, *, dim: int) -> bool:
        """Whether a file of so many samples may lie here; a larger gallery is searched where it is stored."""
        ...

    def held(self, gallery: GalleryRecord) -> set[str]:
        """The names of the gallery's files that are at hand, whatever the database says of them."""
        ...

    def writing(self, gallery: GalleryRecord) -> AbstractContextManager[None]:
        """A block in which no other process writes or sweeps files of this gallery."""
        ...

    def take(self, source: VectorSource) -> tuple[int, Snapshot]:
        """A new snapshot, and the change counter from which on it was read; it counts once it was published."""
        ...

    def sweep(self, gallery: GalleryRecord, *, keep: Collection[str]) -> None:
        """Delete the gallery's files of other names; only inside `writing`."""
        ...
