"""The document `identity.evaluate/2`: error rates of a gallery; those of people are of pairs and of searches."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, cast

from typing_extensions import TypedDict

from identity.documents.calibration import CalibrationFields, calibration_fields
from identity.documents.enrolment import FailureFields

if TYPE_CHECKING:
    from collections.abc import Iterable

    from identity.core.calibration import Calibration
    from identity.core.types import SourceImage
    from identity.workflows.evaluate.people import PeopleEvaluation
    from identity.workflows.evaluate.recognition import Evaluation


class ShareFields(TypedDict):
    """A share with its 95 % interval."""

    value: float | None
    low: float
    high: float
    count: int
    n: int


class KnownFields(TypedDict):
    """How the gallery does on images of its own identities."""

    n: int
    accuracy_1nn: ShareFields
    accuracy_5nn: ShareFields
    refused: ShareFields
    unknown: ShareFields
    ambiguous: ShareFields
    wrong: ShareFields
    refused_per_label: dict[str, ShareFields]
    unknown_per_label: dict[str, ShareFields]


class UnknownFields(TypedDict):
    """How well one source of strangers is told from the known images."""

    source: str
    n: int
    auroc: float | None
    fpr95: float | None
    ccr_at_fpr: dict[str, float | None]
    oscr: float | None
    accepted: ShareFields
    accepted_per_label: dict[str, ShareFields]
    taken_for: dict[str, dict[str, float]]


class PairFields(TypedDict):
    """What all pairs among some photographs show."""

    photographs: int
    people: int
    mated_pairs: int
    other_pairs: int
    tar_at_far: dict[str, float | None]
    distance_at_far: dict[str, float]
    threshold: float
    fmr: float | None
    fnmr: float | None


class CurveFields(TypedDict):
    """FMR and FNMR at ascending distances."""

    distances: list[float]
    fmr: list[float | None]
    fnmr: list[float | None]


class PairCurveFields(PairFields):
    """The same with their curve."""

    curve: CurveFields


class SearchFields(TypedDict):
    """What searches found."""

    known: int
    strangers: int
    left_out: bool
    rank_1: float | None
    tpir: float | None
    fpir: float | None
    tpir_at_fpir: dict[str, float | None]


class PeopleGroupFields(TypedDict):
    """Both of one group of people."""

    verification: PairFields
    search: SearchFields


class JudgedFields(TypedDict):
    """What was judged by which thresholds, and which images could not be read."""

    gallery: str
    calibration: CalibrationFields
    stale: bool
    failed: list[FailureFields]


class EvaluateFields(JudgedFields):
    """All figures of images that are decided one by one."""

    known: KnownFields
    unknown: list[UnknownFields]


class EvaluatePeopleFields(JudgedFields):
    """All figures of photographs of people."""

    verification: PairCurveFields
    search: SearchFields
    groups: dict[str, PeopleGroupFields]
    no_face: int
    enrolled_already: int


def evaluate_fields(gallery: str, calibration: Calibration, made: Evaluation) -> EvaluateFields:
    """All figures, with their intervals."""
    return {
        "gallery": gallery,
        "calibration": calibration_fields(calibration),
        "stale": calibration.stale,
        "known": cast("KnownFields", asdict(made.known)),
        "unknown": [cast("UnknownFields", asdict(one)) for one in made.unknown],
        "failed": _failures(made.failed),
    }


def evaluate_people_fields(gallery: str, calibration: Calibration, made: PeopleEvaluation) -> EvaluatePeopleFields:
    """All figures, the curve as three lists."""
    curve = {name: getattr(made.curve, name).tolist() for name in ("distances", "fmr", "fnmr")}
    groups = {
        group: {"verification": asdict(pairs), "search": asdict(search)}
        for group, (pairs, search) in made.groups.items()
    }
    return {
        "gallery": gallery,
        "calibration": calibration_fields(calibration),
        "stale": calibration.stale,
        "verification": cast("PairCurveFields", asdict(made.pairs) | {"curve": curve}),
        "search": cast("SearchFields", asdict(made.search)),
        "groups": cast("dict[str, PeopleGroupFields]", groups),
        "no_face": made.known.no_face + sum(one.no_face for one in made.unknown),
        "enrolled_already": made.enrolled,
        "failed": _failures(made.failed),
    }


def _failures(failed: Iterable[SourceImage]) -> list[FailureFields]:
    return [{"source": image.name, "error": image.error} for image in failed]
