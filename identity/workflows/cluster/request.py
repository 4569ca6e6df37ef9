"""How a person wants to cluster, before anything is chosen."""

from __future__ import annotations

from dataclasses import dataclass

from identity.core.errors import ClusteringError, UsageError
from identity.core.face_quality import POOR


@dataclass(frozen=True, slots=True)
class ClusterRequest:
    """How a person wants to cluster; None is "choose": eps without labels, min_samples by the kind of model."""

    algo: str = "dbscan"
    eps: float | None = None
    min_samples: int | None = None
    min_cluster_size: int = 2
    full: bool = False
    min_quality: float = POOR  # of faces that may found clusters; 0 lets all

    def __post_init__(self) -> None:
        """Refuse at once what cannot be meant whatever the samples are. Raises `ClusteringError`."""
        if self.eps is not None and not 0 < self.eps <= 2:
            raise ClusteringError(f"--eps must be in (0, 2], got {self.eps:g}")
        if self.min_samples is not None and self.min_samples < 1:
            raise ClusteringError(f"--min-samples must be at least 1, got {self.min_samples}")
        if not 0 <= self.min_quality <= 1:
            raise ClusteringError(f"--min-quality must be in 0 to 1, got {self.min_quality:g}")


def one_request(given: ClusterRequest | None, keywords: ClusterRequest) -> ClusterRequest:
    """The request that is meant. Raises `UsageError` where both a request and keywords were given."""
    if given is not None and keywords != ClusterRequest():
        raise UsageError("a ClusterRequest and keywords were given: give one of them")
    return given or keywords
