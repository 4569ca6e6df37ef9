"""What the workflows ask of the outer floors, and nothing more."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol

import numpy as np

from identity.core.calibration import Calibration
from identity.core.followed import FollowedFiles
from identity.core.index_ports import StoredVectors
from identity.core.likeness import LikeCluster
from identity.core.revision import KnownImage, SecondLook
from identity.core.search_state import IndexFiles, SearchState, SearchView
from identity.core.types import (
    GalleryRecord,
    Ids,
    Labelled,
    NewSample,
    Role,
    Sample,
    SeenImage,
    SourceImage,
)


class GalleryStore(Protocol):
    """One gallery's rows. Every writing method is one transaction and adds 1 to the gallery's `changes`."""

    @property
    def gallery(self) -> GalleryRecord:
        """The gallery as it stands now."""
        ...

    @property
    def index_files(self) -> IndexFiles:
        """The index files that the database vouches for."""
        ...

    @property
    def followed(self) -> FollowedFiles:
        """The files that its images lie in."""
        ...

    def get_ready(self) -> None:
        """Let what must come before the first write happen now: before a lock is taken that it needs as well."""
        ...

    def known_contents(self, contents: Sequence[bytes]) -> set[bytes]:
        """Which of these image contents need no second look: they gave a sample, or were skipped for good."""
        ...

    def sizes_known_by_pixels(self, *, above: int) -> set[tuple[int, int]]:
        """Width and height of each image of more pixels than that whose content is a digest of its pixels."""
        ...

    def add(
        self,
        samples: Sequence[NewSample],
        *,
        skipped: Sequence[tuple[SourceImage, str]] = (),
        again: SecondLook | None = None,
    ) -> Ids:
        """Write one enrolled batch: samples, images that gave none with the reason, and what a second look changes."""
        ...

    def unnamed_clusters(self, ids: Iterable[int]) -> Mapping[int, LikeCluster]:
        """The clusters without a name of which these samples are cores, by sample id, with the eps of the run."""
        ...

    def search_state(self, held: Collection[str] = ()) -> SearchState | None:
        """Snapshot, superseded and later samples, in one read transaction; `held` are the files at hand, by name.

        None where none of them shows nearly all samples, and these are too many to be read (`most_outside`).
        """
        ...

    def search_view(
        self, held: Collection[str] = (), *, deciding: bool = True, from_table: bool = False
    ) -> SearchView:
        """The search state with thresholds and names (unless nothing is decided), in one read transaction.

        `from_table`: without a snapshot, every gallery sample is a later one, however many they are.
        """
        ...

    def vectors(self, ids: Iterable[int]) -> Labelled:
        """Vectors of gallery samples by ascending id, crc32 checked; ids that are gone are absent."""
        ...

    def all_vectors(self, role: Role) -> tuple[int, Labelled]:
        """The change counter and all vectors of a role by ascending id, crc32 checked, in one transaction."""
        ...

    def stored_vectors(self, changes: int) -> StoredVectors:
        """The gallery samples' vectors where they are stored, while the gallery's counter stays what it is."""
        ...

    def count(self, role: Role) -> int:
        """How many samples of a role there are."""
        ...

    def count_people(self) -> tuple[int, int]:
        """How many identities have gallery samples, and how many samples those are."""
        ...

    def identities(self) -> Mapping[int, str]:
        """Identity names by id."""
        ...

    def samples(self, ids: Iterable[int]) -> Mapping[int, Sample]:
        """Stored samples by id; ids that are gone are absent."""
        ...

    def find(
        self, *, identity: str | None = None, text: str | None = None, limit: int = 100, after: int = 0
    ) -> list[Sample]:
        """Samples by ascending id above `after`, of an identity, or with `text` in path or name."""
        ...

    def crops(self, ids: Iterable[int]) -> Mapping[int, bytes]:
        """Encoded crops by sample id; samples without one are absent."""
        ...

    def skipped_images(self) -> list[tuple[str, int | None, str]]:
        """Path, row and reason of every image that gave no sample, or of which a face was left out."""
        ...

    def photographs(self, ids: Iterable[int]) -> Mapping[int, int]:
        """Which image each sample was seen in, by sample id; ids that are gone are absent."""
        ...

    def known_images(self, contents: Sequence[bytes]) -> list[KnownImage]:
        """The images of these contents with their samples."""
        ...

    def seen_images(self, *, after: int = 0, limit: int = 1000) -> list[SeenImage]:
        """At most `limit` images that gave samples, with these, by ascending id above `after`."""
        ...

    def images_with(self, contents: Iterable[bytes]) -> list[SeenImage]:
        """The images of these contents that gave samples, with these."""
        ...

    def relabel(self, ids: Sequence[int], identity: str | None) -> int:
        """Give samples another identity (or none); how many changed. Marks the thresholds left behind stale."""
        ...

    def remove(self, ids: Sequence[int]) -> int:
        """Delete samples with vector and crop, to be erased; how many there were. Marks thresholds stale."""
        ...

    def calibration(self) -> Calibration | None:
        """The calibration in force."""
        ...

    def put_calibration(self, calibration: Calibration) -> None:
        """Replace the calibration in force."""
        ...


def gather(labelled: Labelled, chosen: np.ndarray) -> Labelled:
    """Rows of `labelled` picked by a boolean mask or an index array."""
    ids: Ids = labelled.ids[chosen]
    return Labelled(ids, labelled.identities[chosen], labelled.vectors[chosen])
