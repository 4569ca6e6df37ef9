"""The documents that only the server answers with: what no command prints."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from typing_extensions import TypedDict

from identity.documents.calibration import RulesFields
from identity.documents.clusters import RunReportFields, SuggestionFields, suggestion_fields
from identity.documents.enrolment import EnrolFields
from identity.documents.problems import ProblemFields
from identity.documents.samples import SampleFields, samples_fields
from identity.documents.text import shown_name

if TYPE_CHECKING:
    from identity.clustering.suggestions import Suggestion
    from identity.core.types import SeenImage
    from identity.workflows.cluster.groups import Group


class HealthFields(TypedDict):
    """That the server answers, and reads its database."""

    status: Literal["ok"]
    version: str
    galleries: int


class ClusterInForceFields(TypedDict):
    """A cluster and the ids of its first samples; `size` counts all."""

    id: int
    identity: str | None
    size: int
    confirmed: int
    samples: list[int]


class ClustersFields(TypedDict):
    """A page of the clusters in force, largest first; `total` counts all."""

    gallery: str
    total: int
    clusters: list[ClusterInForceFields]


class SuggestionsFields(TypedDict):
    """Who the unnamed clusters in force probably are."""

    gallery: str
    suggestions: list[SuggestionFields]


class ChangedSamplesFields(TypedDict):
    """How many samples were changed, or are no more."""

    gallery: str
    changed: int


class PhotographFields(TypedDict):
    """A photograph and everybody who was seen in it; boxes are in pixels of this width and height."""

    gallery: str
    path: str
    row: int | None
    width: int
    height: int
    samples: list[SampleFields]


JobState = Literal["waiting", "running", "done", "failed", "cancelled", "interrupted"]
JobWork = Literal["enroll", "cluster"]


class JobFields(TypedDict):
    """A piece of long work. `images` is null where only reading them would tell; `report` comes with its end.

    The report of an enrolment names files until samples of its gallery are changed or removed, or the server ends.
    """

    id: str
    gallery: str
    work: JobWork
    state: JobState
    done: int
    images: int | None
    created_at: str
    report: EnrolFields | RunReportFields | None
    problem: ProblemFields | None


class JobsFields(TypedDict):
    """Every job that is remembered, the newest first."""

    jobs: list[JobFields]


def clusters_fields(gallery: str, groups: Sequence[Group], *, first: int, limit: int, samples: int) -> ClustersFields:
    """A page of clusters, with so many samples of each."""
    found: list[ClusterInForceFields] = [
        {
            "id": one.id,
            "identity": one.identity,
            "size": len(one.samples),
            "confirmed": int(one.confirmed.sum()),
            "samples": one.samples[:samples].tolist(),
        }
        for one in groups[first : first + limit]
    ]
    return {"gallery": gallery, "total": len(groups), "clusters": found}


def suggestions_fields(gallery: str, found: Sequence[Suggestion]) -> SuggestionsFields:
    """Suggestions in the order given."""
    return {"gallery": gallery, "suggestions": [suggestion_fields(one) for one in found]}


def photograph_fields(gallery: str, seen: SeenImage) -> PhotographFields:
    """A photograph with its samples."""
    path = seen.path if isinstance(seen.path, str) else os.fsdecode(seen.path)
    return {
        "gallery": gallery,
        "path": shown_name(path),
        "row": seen.row,
        "width": seen.width,
        "height": seen.height,
        "samples": samples_fields(seen.samples)["samples"],
    }


SERVED: Mapping[str, Any] = {
    "clusters": ClustersFields,
    "health": HealthFields,
    "job": JobFields,
    "jobs": JobsFields,
    "photograph": PhotographFields,
    "rules": RulesFields,
    "samples-changed": ChangedSamplesFields,
    "suggestions": SuggestionsFields,
}
