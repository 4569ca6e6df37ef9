"""What may be said about a probe, with its reasons: verdicts, candidates, matches."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from identity.core.likeness import LikeCluster
from identity.core.types import Box, SourceImage


class Verdict(StrEnum):
    """What may be said about a probe."""

    KNOWN = "known"
    AMBIGUOUS = "ambiguous"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Match:
    """A sample near the probe."""

    rank: int
    sample: int
    identity: str | None
    distance: float
    source: str
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """One identity as the decision saw it: score distance, its threshold, its conformal p-value."""

    identity: str
    distance: float
    threshold: float
    p_value: float
    accepted: bool
    enough: bool  # False: too few calibration samples, the pooled threshold stands in
    remark: str = ""  # what the threshold rests on, where that is not the gallery itself


@dataclass(frozen=True, slots=True)
class RegionVerdict:
    """The answer for one region of a probe, with its reasons. `candidates` come nearest first."""

    box: Box
    verdict: Verdict
    candidates: tuple[Candidate, ...] = ()
    matches: tuple[Match, ...] = ()
    reason: str | None = None
    like: LikeCluster | None = None  # only where unknown: the cluster that clustering would put it into

    @property
    def identity(self) -> str | None:
        """The identity, only where the verdict is known."""
        return self.candidates[0].identity if self.verdict is Verdict.KNOWN else None


@dataclass(frozen=True, slots=True)
class ProbeVerdict:
    """The answer for one image: an entry per region, or the error that kept it from being looked at."""

    image: SourceImage
    regions: tuple[RegionVerdict, ...] = field(default=())
    reason: str | None = None  # why there is no region, in words

    def without_pixels(self) -> ProbeVerdict:
        """The answer without the decoded image, to be kept in numbers."""
        return replace(self, image=replace(self.image, pixels=None))
