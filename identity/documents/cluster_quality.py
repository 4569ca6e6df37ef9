"""The document `identity.cluster-evaluate/1`: clusters against a truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import TypedDict

if TYPE_CHECKING:
    from identity.clustering.quality import Agreement
    from identity.workflows.cluster.evaluate import ClusterQuality


class AgreementFields(TypedDict):
    """How far two groupings agree."""

    precision: float | None
    recall: float | None
    f: float | None


class QualityFields(TypedDict):
    """Clusters against the truth."""

    gallery: str
    run: int | None
    blind: bool
    algo: str
    eps: float | None
    eps_reason: str
    min_samples: int
    n_judged: int
    n_samples: int
    bcubed: AgreementFields
    pairwise: AgreementFields
    adjusted_rand: float | None
    v_measure: float | None
    n_clusters: int
    n_identities: int
    largest_share: float


def quality_fields(gallery: str, judged: ClusterQuality) -> QualityFields:
    """All figures against the truth."""
    run, quality = judged.run, judged.quality
    return {
        "gallery": gallery,
        "run": run.id or None,
        "blind": judged.blind,
        "algo": run.algo,
        "eps": run.eps,
        "eps_reason": run.eps_reason,
        "min_samples": run.min_samples,
        "n_judged": judged.n_judged,
        "n_samples": judged.n_samples,
        "bcubed": _agreement(quality.bcubed),
        "pairwise": _agreement(quality.pairwise),
        "adjusted_rand": quality.adjusted_rand,
        "v_measure": quality.v_measure,
        "n_clusters": quality.n_clusters,
        "n_identities": quality.n_identities,
        "largest_share": judged.largest,
    }


def _agreement(found: Agreement) -> AgreementFields:
    return {"precision": found.precision, "recall": found.recall, "f": found.f1}
