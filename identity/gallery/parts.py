"""What an open gallery consists of: its store, its network, and the index and thresholds of now.

The verbs (`gallery.gallery`) and the charts (`gallery.plots`) read it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from identity.core.calibration import Calibration
from identity.core.domain import Domain, domain_of
from identity.core.errors import NotCalibratedError, UsageError
from identity.core.index_ports import Index, Snapshots
from identity.core.model import ModelManifest
from identity.core.ports import GalleryStore
from identity.gallery.images import Reading, images_of, looked_through
from identity.gallery.memory import Memory
from identity.workflows.deciding import SearchContext
from identity.workflows.describe import Pipeline
from identity.workflows.snapshots import open_index, write_ahead

if TYPE_CHECKING:
    from identity.core.clusters import ClusterStore
    from identity.core.types import GalleryRecord
    from identity.core.workers import Place
    from identity.settings import Settings
    from identity.workflows.cluster.somebody import Gathering
    from identity.workflows.describe_many import DescribeMany
    from identity.zoo.folder import ModelFolder


@dataclass(slots=True)
class GalleryParts:
    """Loaded when first asked for, and remembered until anybody changes the gallery.

    Several threads may ask: what is remembered is guarded by a lock; store, index and networks serve several threads
    themselves. Index, thresholds and names of an answer are of one state of the gallery.
    """

    store: GalleryStore
    snapshots: Snapshots
    load_cluster_store: Callable[[], ClusterStore]
    load_pipeline: Callable[[], Pipeline]
    on_close: Callable[[], None]
    finish_removals: Callable[[], int]  # erase from every file what was removed; how many removals there were
    model: Callable[[], ModelManifest | None] = lambda: None  # its facts; None where it is not installed
    load_parallel_pipeline: Callable[[], tuple[Pipeline, int]] | None = None  # for so many threads at once
    connect: Callable[[Place], AbstractContextManager[DescribeMany]] | None = None  # to workers elsewhere
    read: Reading = images_of
    _memory: Memory = field(default_factory=Memory, repr=False)

    def __enter__(self) -> Self:
        """The gallery itself; leaving the block closes it."""
        return self

    def __exit__(self, *_raised: object) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Give the database back."""
        self.on_close()

    @property
    def name(self) -> str:
        """The gallery's name."""
        return self.store.gallery.name

    @property
    def pipeline(self) -> Pipeline:
        """Detector, aligner and embedder. Raises `SpaceMismatchError` where they are not those of the gallery."""
        return self._memory.pipeline(self.load_pipeline, self.store)

    @contextmanager
    def describe_many(self, place: Place | None = None) -> Iterator[DescribeMany]:
        """What reads and describes many images: threads of this process, or the workers of a place.

        Raises `UsageError` for a place that is none, and `WorkersError` where nobody works there.
        """
        from identity.workflows.describe_many import Here

        if place is None:
            for_many = self._memory.pipeline_for_many(self.load_parallel_pipeline, self.store)
            yield Here(*(for_many or (self.pipeline, 1)), read=self.read)
        elif self.connect is None:
            raise UsageError(f"gallery '{self.name}' knows no workers elsewhere: leave out the place, {place.address}")
        else:
            with self.connect(place) as there:
                yield there

    @property
    def domain(self) -> Domain:
        """What its kind of identity needs."""
        return domain_of(self.model())

    @property
    def index(self) -> Index:
        """The search set as of now; reopened when anybody changed the gallery."""
        return self._memory.index(self.store, self.snapshots)

    def gathering(self) -> Gathering:
        """The clusters in force with their names, as of now."""
        return self._memory.gathering(self.store, self.load_cluster_store)

    def refresh_index(self) -> None:
        """Write the index file where it is missing or outgrown, so that the next query finds it."""
        open_index(self.store, self.snapshots)

    def refresh_index_early(self) -> None:
        """Write it before it is outgrown: called while samples are added, so that no query of others writes it."""
        write_ahead(self.store, self.snapshots)

    def search_context(self, *, rebuilt: bool = False, threshold: float | None = None) -> SearchContext:
        """All that a decision needs; `rebuilt`: with an index made anew; `threshold`: decided by this distance.

        Raises `NotCalibratedError` where there are no thresholds, `UsageError` for a distance that is none.
        """
        return self._memory.context(self.store, self.snapshots, self._in_force, threshold=threshold, rebuilt=rebuilt)

    def calibration(self, *, threshold: float | None = None) -> Calibration:
        """The calibration in force, else one by what the network's manifest says. Raises `NotCalibratedError`."""
        return self._in_force(self.store.calibration() if threshold is None else None, threshold)

    def thresholds(self) -> Calibration | None:
        """The same for whoever only wants to see it; None where there are none."""
        try:
            return self.calibration()
        except NotCalibratedError:
            return None

    def _in_force(self, stored: Calibration | None, threshold: float | None) -> Calibration:
        from identity.core.rules.chosen import chosen_calibration
        from identity.workflows.in_force import in_force

        if threshold is not None:
            return chosen_calibration(threshold, space=self.store.gallery.space)
        return in_force(stored, self.store, self.model())


def connect_workers(
    settings: Settings,
    record: GalleryRecord,
    load: Callable[[ModelFolder, str, str], Pipeline],
    folder_of: Callable[[Settings], ModelFolder],
    place: Place,
) -> AbstractContextManager[DescribeMany]:
    """Workers of a place, for one gallery; they find `load` and `folder_of` by name. Raises as `open_workers`."""
    from identity.machines.opening import open_workers
    from identity.workflows.elsewhere.opening import Composed, elsewhere

    root = Composed(load, folder_of, images_of, looked_through)
    return elsewhere(open_workers(place.address, home=settings.home), place, settings, record, root)
