"""The kinds of identity there are, and what each needs: a table that every other place asks instead of the kind.

A new kind is a row here and a model whose manifest names it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from identity.core.errors import UsageError
from identity.core.face_count import NO_FACE
from identity.core.model import ModelManifest

if TYPE_CHECKING:
    from identity.core.face_selection import FaceRules


@dataclass(frozen=True, slots=True)
class Domain:
    """What galleries of one kind need. `selection` says which regions of an image are taken; None takes them all.

    `nothing_found` and `nothing_seen` are stored as the reason why an image gave no sample, so they never change.
    """

    kind: str  # as manifests say it
    detector: str  # the one that suits
    min_samples: int  # that make a neighbourhood in a clustering, itself included
    nothing_found: str  # an image without any region
    nothing_seen: str  # a region without anything to embed
    selection: Callable[[], FaceRules] | None = None
    rule: str = "conformal"  # the decision rule that `calibrate` uses unless told otherwise
    shows_people: bool = False  # whose folders are called after dates and events as often as after them
    ink: bool = False  # light strokes on black, of which a map shows the strokes alone
    decides_by_pairs: bool = False  # pairs of images are what is measured, and two images can be compared
    on_paper: bool = False  # images show ink: a folder of photographs is not meant for such a gallery


def _face_rules() -> FaceRules:
    from identity.core.face_selection import FaceRules  # a query needs none of it

    return FaceRules()


DIGITS = Domain(
    "digits",
    detector="whole",
    min_samples=5,
    ink=True,
    nothing_found="nothing found in the image",
    nothing_seen="no ink: nothing to see in the image",
    on_paper=True,
)
FACES = Domain(
    "face",
    detector="yunet",
    min_samples=2,
    rule="own-pairs",
    nothing_found=NO_FACE,
    nothing_seen="nothing to see in the face",
    selection=_face_rules,
    shows_people=True,
    decides_by_pairs=True,
)
DOMAINS: dict[str, Domain] = {domain.kind: domain for domain in (DIGITS, FACES)}


def domain_of(model: ModelManifest | None) -> Domain:
    """The row of a gallery's model. One that is not installed has the row of digits, which asks for nothing special.

    Raises `UsageError` for a kind that this version does not know.
    """
    if model is None:
        return DIGITS
    if model.kind not in DOMAINS:
        raise UsageError(f"there is no kind of identity '{model.kind}': this version knows {', '.join(DOMAINS)}")
    return DOMAINS[model.kind]


def reasons_for_good() -> list[str]:
    """Why an image gives no sample whatever the rules for regions are; every other reason is a rule's."""
    return [reason for domain in DOMAINS.values() for reason in (domain.nothing_found, domain.nothing_seen)]
