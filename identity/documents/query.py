"""The document `identity.query/2`: what a gallery says of each image and each region in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from typing_extensions import TypedDict

from identity.documents.calibration import CalibrationFields, calibration_fields

if TYPE_CHECKING:
    from identity.core.answers import Candidate, Match, ProbeVerdict, RegionVerdict
    from identity.core.calibration import Calibration
    from identity.core.likeness import LikeCluster
    from identity.core.types import GalleryRecord


class CandidateFields(TypedDict):
    """One identity as the decision saw it."""

    identity: str
    distance: float | None
    threshold: float | None
    p_value: float | None
    accepted: bool
    insufficient_data: bool
    remark: str


class MatchFields(TypedDict):
    """A sample near the probe."""

    rank: int
    sample: int
    identity: str | None
    distance: float | None
    source: str
    row: int | None


class LikeClusterFields(TypedDict):
    """An unnamed cluster with a core sample within the eps of the clustering: `distance` is that of the nearest."""

    id: int
    photographs: int
    distance: float
    eps: float


class RegionFields(TypedDict):
    """The answer for one region, with its reasons."""

    box: list[int]
    verdict: str
    identity: str | None
    distance: float | None
    threshold: float | None
    threshold_remark: str  # what it rests on, where that is not the gallery itself
    p_value: float | None
    runner_up: CandidateFields | None
    margin: float | None
    reason: str | None
    like_cluster: LikeClusterFields | None
    candidates: list[CandidateFields]
    matches: list[MatchFields]


class ProbeFields(TypedDict):
    """The answer for one image, or the error that kept it from being decoded."""

    source: str
    path: str
    row: int | None
    width: int
    height: int
    error: str | None
    regions: list[RegionFields]


class QueryFields(TypedDict):
    """One entry of `probes` for each image, in order."""

    gallery: str
    space: str
    calibration: CalibrationFields
    stale: bool
    probes: list[ProbeFields]


class AnswerFields(ProbeFields):
    """The answer for one image by itself, with what decided: a line of `query --jsonl`."""

    gallery: str
    space: str
    rule: str
    threshold_remark: str  # what every threshold rests on, where that is not the gallery itself
    stale: bool


def answer_fields(gallery: GalleryRecord, calibration: Calibration, answer: ProbeVerdict) -> AnswerFields:
    """One answer that stands by itself."""
    return {
        "gallery": gallery.name,
        "space": gallery.space,
        "rule": calibration.rule,
        "threshold_remark": calibration.facts.remark,
        "stale": calibration.stale,
        **probe_fields(answer),
    }


def query_fields(gallery: GalleryRecord, calibration: Calibration, answers: Sequence[ProbeVerdict]) -> QueryFields:
    """The whole answer, with the calibration that decided."""
    return {
        "gallery": gallery.name,
        "space": gallery.space,
        "calibration": calibration_fields(calibration),
        "stale": calibration.stale,
        "probes": [probe_fields(answer) for answer in answers],
    }


def probe_fields(answer: ProbeVerdict) -> ProbeFields:
    """One entry of `probes`."""
    image = answer.image
    return {
        "source": image.source,
        "path": image.path,
        "row": image.row,
        "width": image.width,
        "height": image.height,
        "error": image.error,
        "regions": [_region(region) for region in answer.regions],
    }


def _region(region: RegionVerdict) -> RegionFields:
    first = region.candidates[0] if region.candidates else None
    second = region.candidates[1] if len(region.candidates) > 1 else None
    return {
        "box": region.box.as_list(),
        "verdict": region.verdict.value,
        "identity": region.identity,
        "distance": first.distance if first else None,
        "threshold": first.threshold if first else None,
        "threshold_remark": first.remark if first else "",
        "p_value": first.p_value if first else None,
        "runner_up": _candidate(second) if second else None,
        "margin": second.distance - first.distance if first and second else None,
        "reason": region.reason,
        "like_cluster": _like(region.like) if region.like else None,
        "candidates": [_candidate(candidate) for candidate in region.candidates],
        "matches": [_match(match) for match in region.matches],
    }


def _like(like: LikeCluster) -> LikeClusterFields:
    return {"id": like.id, "photographs": like.photographs, "distance": like.distance, "eps": like.eps}


def _candidate(candidate: Candidate) -> CandidateFields:
    return {
        "identity": candidate.identity,
        "distance": candidate.distance,
        "threshold": candidate.threshold,
        "p_value": candidate.p_value,
        "accepted": candidate.accepted,
        "insufficient_data": not candidate.enough,
        "remark": candidate.remark,
    }


def _match(match: Match) -> MatchFields:
    return {
        "rank": match.rank,
        "sample": match.sample,
        "identity": match.identity,
        "distance": match.distance,
        "source": match.source,
        "row": match.row,
    }
