"""The documents of clusters: a run, the runs before it, and one taken back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, cast

from typing_extensions import TypedDict

from identity.documents.samples import PlacedFields, placed_fields

if TYPE_CHECKING:
    from identity.clustering.suggestions import Suggestion
    from identity.core.clusters import Run
    from identity.core.types import Sample
    from identity.workflows.cluster.groups import Group
    from identity.workflows.cluster.plan import Difference, Plan


class GroupFields(TypedDict):
    """One cluster with its samples."""

    id: int
    identity: str | None
    size: int
    samples: list[PlacedFields]


class SuggestionFields(TypedDict):
    """Who an unnamed cluster probably is; `lead` is how near that is relative to the nearest other cluster."""

    cluster: int
    identity: str
    distance: float
    threshold: float
    lead: float


class DifferenceFields(TypedDict):
    """What a run changes: clusters that stay, come and go; known samples that move, and those no run had seen."""

    kept: int
    added: list[int]
    gone: list[int]
    moved: int
    fresh: int


class RunReportFields(TypedDict):
    """A run, or what it would be (`run` is null), in numbers.

    `kept_out` counts faces of less than `min_quality`, which found no cluster, by what each lacks most.
    """

    run: int | None
    algo: str
    eps: float | None
    eps_reason: str
    min_samples: int
    n_samples: int
    n_clusters: int
    n_noise: int
    min_quality: float
    kept_out: dict[str, int]
    difference: DifferenceFields


class ClusterFields(RunReportFields):
    """A run, or what it would be, with its clusters."""

    clusters: list[GroupFields]
    suggestions: list[SuggestionFields]


class RunFields(TypedDict):
    """One change of the clusters: a clustering, or (`algo` people) an edit."""

    algo: str
    mode: str
    eps: float | None
    eps_auto: bool
    eps_reason: str
    min_samples: int
    min_cluster_size: int
    n_samples: int
    n_clusters: int
    n_noise: int
    next_cluster: int
    note: str
    min_quality: float
    id: int
    created_at: str
    undone_at: str | None


class HistoryFields(TypedDict):
    """Every run and edit, oldest first."""

    gallery: str
    runs: list[RunFields]


class UndoFields(TypedDict):
    """The run that was taken back, and how many clusters are in force again."""

    gallery: str
    undone: int
    n_clusters: int


def cluster_fields(plan: Plan, run: Run | None, held: Mapping[int, Sample]) -> ClusterFields:
    """A plan, the run that recorded it (None: a dry run), and its samples by id."""
    return {
        **run_report_fields(plan, run),
        "clusters": [group_fields(group, held) for group in plan.groups],
        "suggestions": [suggestion_fields(one) for one in plan.suggestions],
    }


def run_report_fields(plan: Plan, run: Run | None) -> RunReportFields:
    """A plan and the run that recorded it, without the clusters: it names nobody."""
    made = plan.outcome.run
    return {
        "run": None if run is None else run.id,
        "algo": made.algo,
        "eps": made.eps,
        "eps_reason": made.eps_reason,
        "min_samples": made.min_samples,
        "n_samples": made.n_samples,
        "n_clusters": made.n_clusters,
        "n_noise": made.n_noise,
        "min_quality": made.min_quality,
        "kept_out": dict(plan.kept_out),
        "difference": _difference(plan.difference),
    }


def suggestion_fields(one: Suggestion) -> SuggestionFields:
    """A suggestion with its reasons."""
    return {
        "cluster": one.cluster,
        "identity": one.name,
        "distance": one.distance,
        "threshold": one.threshold,
        "lead": one.lead,
    }


def group_fields(group: Group, held: Mapping[int, Sample]) -> GroupFields:
    """One cluster; a sample removed at this moment is not in it."""
    found = [held[sample] for sample in group.samples.tolist() if sample in held]
    samples = [placed_fields(sample) for sample in found]
    return {"id": group.id, "identity": group.identity, "size": len(samples), "samples": samples}


def history_fields(gallery: str, runs: Iterable[Run]) -> HistoryFields:
    """Runs in the order given."""
    return {"gallery": gallery, "runs": [cast("RunFields", asdict(run)) for run in runs]}


def undo_fields(gallery: str, undone: Run, *, n_clusters: int) -> UndoFields:
    """A run taken back."""
    return {"gallery": gallery, "undone": undone.id, "n_clusters": n_clusters}


def _difference(made: Difference) -> DifferenceFields:
    return {
        "kept": len(made.kept),
        "added": list(made.added),
        "gone": list(made.gone),
        "moved": made.moved,
        "fresh": made.fresh,
    }
