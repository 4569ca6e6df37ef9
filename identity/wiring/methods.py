"""`core.people.ClusteringMethods` by `identity.clustering`: what the workflows ask for, in its own words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from identity import clustering
from identity.core.people import Attached, Bound, Links, Mask, Named
from identity.core.types import Ids, Vectors


@dataclass(frozen=True, slots=True)
class Methods:
    """The clustering of this package; `operating_points` (false match rate, cosine distance) are those of `origin`."""

    operating_points: Sequence[tuple[float, float]] = ()
    origin: str = ""

    def choose_eps(self, vectors: Vectors, *, min_samples: int) -> tuple[float, str]:
        """From the error rates that are known, else from the vectors."""
        made = clustering.choose_eps(vectors, min_samples=min_samples, operating_points=self.operating_points)
        return made.value, f"{made.reason} ({self.origin})" if self.origin else made.reason

    def dbscan(self, vectors: Vectors, *, eps: float, min_samples: int) -> tuple[Ids, Mask]:
        """Exact DBSCAN."""
        made = clustering.density_clusters(vectors, eps=eps, min_samples=min_samples)
        return made.labels, made.core

    def hdbscan(self, vectors: Vectors, *, min_cluster_size: int, min_samples: int) -> Ids:
        """The library's HDBSCAN."""
        return clustering.hdbscan(vectors, min_cluster_size=min_cluster_size, min_samples=min_samples)

    def bind(
        self, vectors: Vectors, labels: Ids, core: Mask, *, eps: float, must: Links, cannot: Links, names: Ids
    ) -> Bound:
        """Constrained linkage of the clusters in which decisions meet."""
        made = clustering.constrained(
            vectors,
            clustering.DensityClusters(labels, core),
            eps=eps,
            must_link=must,
            cannot_link=cannot,
            confirmed=names,
        )
        return Bound(made.labels, made.joined, made.parted)

    def attach(
        self, cores: Vectors, core_labels: Ids, loose: Vectors, new: Vectors, *, eps: float, min_samples: int
    ) -> Attached:
        """Incremental DBSCAN."""
        made = clustering.attach(
            cores, core_labels, new, eps=eps, min_samples=min_samples, loose_vectors=loose
        )
        bridges = tuple(bridge.clusters for bridge in made.bridges)
        return Attached(made.labels, made.core, made.loose_labels, made.loose_core, bridges)

    def matched(self, labels: Ids, previous: Ids, *, next_id: int) -> Ids:
        """The assignment of largest overlap."""
        return clustering.match_clusters(labels, previous, next_id=next_id).labels

    def suggestions(self, vectors: Vectors, labels: Ids, names: dict[int, str], *, at_most: float) -> list[Named]:
        """The nearest named cluster by mean direction."""
        found = clustering.suggest_names(vectors, labels, names=names, at_most=at_most)
        return [Named(one.cluster, one.name, one.distance, one.margin) for one in found]
