"""What an opened gallery remembers between its verbs: network, index, clusters, and all that a decision needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import RLock
from typing import TYPE_CHECKING

from identity.core.calibration import Calibration
from identity.core.errors import SpaceMismatchError, StoreError
from identity.core.index_ports import Index, Snapshots
from identity.core.ports import GalleryStore
from identity.core.types import NO_ID, GalleryRecord
from identity.workflows import snapshots as searching
from identity.workflows.deciding import SearchContext
from identity.workflows.describe import Pipeline

if TYPE_CHECKING:
    from identity.core.clusters import ClusterStore
    from identity.workflows.cluster.somebody import Gathering

InForce = Callable[[Calibration | None, float | None], Calibration]  # of those stored, and a distance somebody chose


@dataclass(slots=True)
class Memory:
    """Each part is made when it is first asked for; the index, and what decides, anew when the gallery changed."""

    _pipeline: Pipeline | None = None
    _index: tuple[int, Index] | None = None
    _context: SearchContext | None = None
    _threshold: float | None = None  # that a person chose for the context
    _gathering: Gathering | None = None
    _lock: RLock = field(default_factory=RLock)

    def pipeline(self, load: Callable[[], Pipeline], store: GalleryStore) -> Pipeline:
        """The pipeline, loaded once. Raises `SpaceMismatchError` where it is not that of the gallery."""
        with self._lock:
            if self._pipeline is None:
                self._pipeline = _require_fitting(load(), store.gallery)
            return self._pipeline

    def pipeline_for_many(
        self, load_parallel: Callable[[], tuple[Pipeline, int]] | None, store: GalleryStore
    ) -> tuple[Pipeline, int] | None:
        """A pipeline, and how many threads may use it at once; None where one is loaded, which then serves one."""
        with self._lock:
            if load_parallel is None or self._pipeline is not None:
                return None
            pipeline, workers = load_parallel()
            return _require_fitting(pipeline, store.gallery), workers

    def index(self, store: GalleryStore, snapshots: Snapshots) -> Index:
        """The search set as of now."""
        with self._lock:
            changes = store.gallery.changes
            if self._index is None or self._index[0] != changes:
                self._index = changes, searching.open_index(store, snapshots)
            return self._index[1]

    def context(
        self, store: GalleryStore, snapshots: Snapshots, in_force: InForce, *, threshold: float | None, rebuilt: bool
    ) -> SearchContext:
        """Index, thresholds and names of one moment; `in_force` says which thresholds decide.

        `rebuilt`: with an index that is made anew from the table. Raises `StoreError` where an identity has no name.
        """
        with self._lock:
            known = None if rebuilt or self._threshold != threshold else self._context
            if known is None or known.changes != store.gallery.changes:
                view, index = searching.open_view(store, snapshots, rebuilt=rebuilt)
                _require_names(index, view.names)
                calibration = in_force(view.calibration, threshold)
                self._threshold = threshold
                known = self._context = SearchContext(index, calibration, view.names, view.changes)
                self._index = view.changes, index
            return known

    def gathering(self, store: GalleryStore, load_clusters: Callable[[], ClusterStore]) -> Gathering:
        """Clusters in force, decisions and names of one moment."""
        from identity.workflows.cluster.somebody import Gathering

        with self._lock:
            known, changes = self._gathering, store.gallery.changes
            while known is None or known.state.changes != changes:
                known = Gathering(store.gallery.name, load_clusters().places(), store.identities())
                changes = store.gallery.changes  # where somebody renamed meanwhile, names and places are of two moments
            self._gathering = known
            return known


def _require_names(index: Index, names: Mapping[int, str]) -> None:
    unnamed = [identity for identity in index.identities.tolist() if identity != NO_ID and identity not in names]
    if unnamed:
        raise StoreError(
            f"the identity {unnamed[0]} of some samples is not in the database: run 'identity doctor', "
            "and restore a backup"
        )


def _require_fitting(pipeline: Pipeline, gallery: GalleryRecord) -> Pipeline:
    if pipeline.space != gallery.space:
        raise SpaceMismatchError(
            f"gallery '{gallery.name}' was made by another version of model '{gallery.model}': "
            "put that version back, or enroll the images into a new gallery"
        )
    return pipeline
