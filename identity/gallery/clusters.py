"""The clusters of a gallery: runs, undo, history, quality and pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from identity.core.clusters import ClusterStore, Run
from identity.core.face_quality import POOR
from identity.core.ports import GalleryStore
from identity.core.types import SourceImage
from identity.core.watching import Say, nobody
from identity.gallery.images import Images, images_of
from identity.workflows.cluster.request import ClusterRequest, one_request

if TYPE_CHECKING:
    from identity.core.model import ModelManifest
    from identity.workflows.cluster.evaluate import ClusterQuality
    from identity.workflows.cluster.groups import Group
    from identity.workflows.cluster.plan import Plan
    from identity.workflows.cluster.somebody import Gathering


@dataclass(frozen=True, slots=True)
class Clusters:
    """The clusters of one gallery. Made by `Gallery.clusters`."""

    samples: GalleryStore
    store: ClusterStore
    model: Callable[[], ModelManifest | None]
    here: Callable[[], Gathering]
    read: Callable[[Images], Iterator[SourceImage]] = images_of

    def plan(
        self,
        request: ClusterRequest | None = None,
        *,
        algo: str = "dbscan",
        eps: float | None = None,
        min_samples: int | None = None,
        min_cluster_size: int = 2,
        full: bool = False,
        min_quality: float = POOR,
    ) -> Plan:
        """What a run would do now; nothing is changed. Give a request, or its parts as keywords."""
        from identity.workflows.cluster import plan

        made = ClusterRequest(algo, eps, min_samples, min_cluster_size, full, min_quality)
        return plan.plan(self.samples, self.store, self.model(), one_request(request, made))

    def run(
        self,
        request: ClusterRequest | None = None,
        *,
        algo: str = "dbscan",
        eps: float | None = None,
        min_samples: int | None = None,
        min_cluster_size: int = 2,
        full: bool = False,
        min_quality: float = POOR,
        on_plan: Callable[[Plan], None] = nobody,
        say: Say = nobody,
    ) -> tuple[Plan, Run]:
        """Plan a run, show it to `on_plan`, apply it; if the gallery changed meanwhile, start again.

        Give a request, or its parts as keywords.
        """
        from identity.workflows.cluster import plan

        wanted = one_request(request, ClusterRequest(algo, eps, min_samples, min_cluster_size, full, min_quality))

        def attempt() -> tuple[Plan, Run]:
            made = self.plan(wanted)
            on_plan(made)
            return made, plan.apply(self.store, made)

        return plan.retry_if_changed(attempt, say=say)

    def undo(self) -> Run:
        """Take the latest run back: the clusters before it hold again, names and decisions stay; the run undone."""
        return self.store.undo()

    def history(self) -> Sequence[Run]:
        """Every run, and every edit that people made, oldest first."""
        return self.store.runs()

    def groups(self) -> tuple[Group, ...]:
        """The clusters in force, largest first."""
        from identity.workflows.cluster.groups import groups_of

        here = self.here()
        return groups_of(here.state, here.state.labels, here.names)

    def evaluate(
        self,
        truth: str | Path | None = None,
        *,
        request: ClusterRequest | None = None,
        blind: bool = False,
        algo: str = "dbscan",
        eps: float | None = None,
        min_samples: int | None = None,
        min_cluster_size: int = 2,
        min_quality: float = POOR,
    ) -> ClusterQuality:
        """Quality of the run in force, or of one made blind to all names, against a truth (default: the names)."""
        from identity.workflows.cluster import evaluate

        made = ClusterRequest(algo, eps, min_samples, min_cluster_size, min_quality=min_quality)
        wanted = replace(one_request(request, made), full=True)
        path = None if truth is None else Path(truth)
        return evaluate.evaluate(self.samples, self.store, self.model(), path, wanted, blind=blind, read=self.read)

    def plot(self, folder: str | Path, plan: Plan | None = None) -> list[Path]:
        """Contact sheets, map, sizes and k-distance curve, written into `folder`; the files.

        Of a plan, or of the clusters in force.
        """
        from identity.core.domain import domain_of
        from identity.pictures.clusters import draw_clusters
        from identity.workflows.cluster.plan import plan_in_force

        made = plan or plan_in_force(self.samples, self.store)
        return draw_clusters(self.samples, made, Path(folder), ink=domain_of(self.model()).ink)
