"""The stored samples of a gallery: list, look at, correct, forget."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from identity.core.errors import NotFoundError
from identity.core.ports import GalleryStore
from identity.core.types import Role, Sample


@dataclass(frozen=True, slots=True)
class Samples:
    """The samples of one gallery. Made by `Gallery.samples`."""

    store: GalleryStore
    finish_removals: Callable[[], int]

    def find(
        self, *, identity: str | None = None, text: str | None = None, limit: int = 100, after: int = 0
    ) -> Sequence[Sample]:
        """Samples by ascending id above `after`, of an identity, or with `text` in path or name."""
        return self.store.find(identity=identity, text=text, limit=limit, after=after)

    def get(self, ids: Iterable[int]) -> Mapping[int, Sample]:
        """Samples by id; ids that are gone are absent."""
        return self.store.samples(ids)

    def crops(self, ids: Iterable[int]) -> Mapping[int, bytes]:
        """Encoded crops by sample id; samples without one are absent."""
        return self.store.crops(ids)

    def skipped_images(self) -> Sequence[tuple[str, int | None, str]]:
        """Path, row and reason of every image that gave no sample, or of which a face was left out."""
        return self.store.skipped_images()

    def counts(self) -> Mapping[int, int]:
        """How many samples are searched of each identity, by the identity's id."""
        return Counter(self.store.all_vectors(Role.GALLERY)[1].identities.tolist())

    def relabel(self, ids: Sequence[int], identity: str | None) -> int:
        """Give samples another name, or none; how many changed."""
        return self.store.relabel(ids, identity)

    def forget(self, identity: str) -> int:
        """Remove all samples of an identity; how many there were. Raises `NotFoundError` where there are none."""
        ids = [sample.id for sample in self.find(identity=identity, limit=2**31)]
        if not ids:
            name = self.store.gallery.name
            raise NotFoundError(f"gallery '{name}' has no identity '{identity}': see 'identity samples list'")
        return self.remove(ids)

    def remove(self, ids: Sequence[int]) -> int:
        """Forget samples for good: rows, vectors, crops, and the index file that held them.

        Raises `StoreBusyError` where bytes cannot be erased yet because another program reads them; the samples are
        gone all the same, and the next program that writes, or `doctor`, erases them.
        """
        removed = self.store.remove(ids)
        self.finish_removals()
        return removed
