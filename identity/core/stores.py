"""What a store promises, whatever database it lives in: all galleries, and each one's samples and clusters.

Every writing method is one transaction: whole or not at all, kept once it returned, even by a killed program. A write
to a gallery adds 1 to its `changes`. Ids are never used twice. What is removed is written down in the same
transaction until `erase_removed` has left no bytes of it in any file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from identity.core.index_ports import Snapshots
from identity.core.types import GalleryRecord

if TYPE_CHECKING:
    from identity.core.bundle import Arrival, GalleryRows
    from identity.core.clusters import ClusterStore
    from identity.core.ports import GalleryStore
    from identity.core.reembedding import ReembeddingStore
    from identity.core.sharding import ShardReport


@dataclass(frozen=True, slots=True)
class Counts:
    """How much a gallery holds; `samples` are those searched, `unnamed` those of them without an identity."""

    samples: int
    calibration_samples: int
    identities: int
    unnamed: int
    images: int
    skipped: int


@dataclass(frozen=True, slots=True)
class DatabaseSystem:
    """What keeps the rows of a store."""

    name: str  # sqlite or postgresql
    version: str
    pgvector: str | None  # its version, where it is there
    revision: str  # of the schema


class Galleries(Protocol):
    """All galleries of a store, by name."""

    def list(self) -> list[GalleryRecord]:
        """All galleries, by name."""
        ...

    def get(self, name: str) -> GalleryRecord:
        """The gallery of this name. Raises `NotFoundError`."""
        ...

    def create(self, name: str, *, model: str, detector: str, space: str, dim: int) -> GalleryRecord:
        """Make an empty gallery. Raises `UsageError` where the name is taken or cannot be one."""
        ...

    def delete(self, name: str) -> int:
        """Delete a gallery with all that is its own, to be erased; how many samples it had. Raises `NotFoundError`."""
        ...

    def counts(self, gallery: GalleryRecord) -> Counts:
        """How much the gallery holds."""
        ...


class Store(Protocol):
    """One opened store. One object may serve several threads.

    Every method raises `StoreError` where the database cannot do it, and `StoreBusyError` where another program
    keeps it from writing.
    """

    @property
    def location(self) -> str:
        """Where it lies, as people write it; never a password."""
        ...

    @property
    def how_to_restore(self) -> str:
        """What brings its last backup back, in words."""
        ...

    @property
    def system(self) -> DatabaseSystem:
        """What keeps its rows, in which version."""
        ...

    @property
    def read_only(self) -> bool:
        """Whether nothing can be written to it: every writing method raises `StoreError`."""
        ...

    @property
    def galleries(self) -> Galleries:
        """Its galleries."""
        ...

    def samples(self, gallery: GalleryRecord) -> GalleryStore:
        """The samples and the calibration of a gallery."""
        ...

    def clusters(self, gallery: GalleryRecord) -> ClusterStore:
        """The clusters of a gallery."""
        ...

    def reembedding(self, gallery: GalleryRecord) -> ReembeddingStore:
        """The re-embedding of a gallery."""
        ...

    def install(self, packed: Path) -> GalleryRecord | None:
        """Install a gallery that ships as a file, unless the store ever had it; the older one it replaced, if any."""
        ...

    def call_before_writing(self, finish: Callable[[], None]) -> None:
        """Call this once, before the first transaction that writes."""
        ...

    def removals(self) -> Mapping[int, str]:
        """Removals whose bytes may still be in a file: the gallery's uuid by the removal's id."""
        ...

    def erase_removed(self, ids: Sequence[int]) -> None:
        """Leave nothing of what was deleted in any file of the store, then strike these removals out.

        Raises `StoreError` where it cannot be done now: the removals then stay written down.
        """
        ...

    def problems(self) -> list[str]:
        """What the database itself finds damaged, and rows that refer to nothing; empty where all is well."""
        ...

    def broken_seals(self, gallery: GalleryRecord) -> list[str]:
        """The parts of a gallery (samples, thresholds, clusters) whose rows are not those that were written."""
        ...

    def accept_rows(self, gallery: GalleryRecord) -> None:
        """Take the rows of a gallery as they are for what was written."""
        ...

    def damaged_vectors(self, gallery: GalleryRecord) -> list[int]:
        """Samples of any role whose vector is missing or is not what was written."""
        ...

    def rows(self, gallery: GalleryRecord, *, crops: bool = True) -> GalleryRows:
        """All that a gallery consists of, of one moment, for a store elsewhere."""
        ...

    def put_rows(self, rows: GalleryRows, *, name: str, merge_names: bool = False) -> Arrival:
        """Put rows of a store elsewhere into the gallery `name`, made where there is none; known samples stay.

        Raises `SpaceMismatchError` where it has another space, `UsageError` where it has a name of a new sample
        already and names are not to be merged.
        """
        ...

    def shard(self, *, shards: int | None = None) -> ShardReport:
        """Distribute vectors and crops over several machines, in `shards` pieces; what is distributed stays so.

        Raises `UsageError` for a database that has one machine, `StoreError` where its cluster cannot take them.
        """
        ...

    def backup(self, path: Path) -> None:
        """Write the whole store, as it is at this moment, to one file, in place of an older backup.

        Raises `StoreError` where `path` holds something that is no backup, or cannot be written.
        """
        ...

    def close(self) -> None:
        """Give the database back."""
        ...


class SnapshotFiles(Snapshots, Protocol):
    """The files of all galleries of a home."""

    def remove(self, uuid: str) -> None:
        """Delete every file of the gallery with this uuid, which may itself be gone."""
        ...
