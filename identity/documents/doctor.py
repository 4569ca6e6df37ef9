"""The document `identity.doctor/1`: what is not as it was written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from typing_extensions import TypedDict

if TYPE_CHECKING:
    from identity.workflows.doctor import Finding


class FindingFields(TypedDict):
    """Something wrong: where, what, and what helps; or that it was mended at once."""

    place: str
    problem: str
    cure: str
    mended: bool


class DoctorFields(TypedDict):
    """`sound` where nothing stays wrong."""

    sound: bool
    findings: list[FindingFields]


def doctor_fields(found: Sequence[Finding]) -> DoctorFields:
    """What an examination found."""
    findings: list[FindingFields] = [
        {"place": one.place, "problem": one.problem, "cure": one.cure, "mended": one.mended} for one in found
    ]
    return {"sound": all(one.mended for one in found), "findings": findings}
