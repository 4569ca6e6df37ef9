"""The kinds of identity there are, and what each needs: a table that every other place asks instead of the kind.

A new kind is a row here and a model whose manifest names it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from identity.core.errors import UsageError

if TYPE_CHECKING:
    from identity.core.face_selection import FaceRules


def _face_rules() -> FaceRules:
    from identity.core.face_selection import FaceRules

    return FaceRules()


@dataclass(frozen=True, slots=True)
class Domain:
    """What galleries of one kind need. `selection` says which regions of an image are taken; None takes them all."""

    kind: str  # as manifests say it
    detector: str  # the one that suits
    min_samples: int  # that make a neighbourhood in a clustering, itself included
    rule: str  # the decision rule that `calibrate` uses unless told otherwise
    nothing_found: str  # why an image without any region gave no answer, in words
    nothing_seen: str  # why a region without anything to embed gave none
    selection: Callable[[], FaceRules] | None = None
    compares_pairs: bool = False  # whether two images may be asked to show one identity


DOMAINS: dict[str, Domain] = {
    domain.kind: domain
    for domain in (
        Domain(
            "digits",
            detector="whole",
            min_samples=5,
            rule="conformal",
            nothing_found="nothing found",
            nothing_seen="no ink: there is nothing to recognise in the image",
        ),
        Domain(
            "face",
            detector="yunet",
            min_samples=2,
            rule="own-pairs",
            nothing_found="no face found",
            nothing_seen="no face can be seen in the region",
            selection=_face_rules,
            compares_pairs=True,
        ),
    )
}
UNKNOWN_MODEL = "digits"  # whose row serves a gallery whose model is not installed: it asks for nothing special


def domain_of(kind: str | None) -> Domain:
    """The row of a kind; None, the kind of a model that is not installed, has that of `UNKNOWN_MODEL`.

    Raises `UsageError` for a kind that this version does not know.
    """
    found = DOMAINS.get(UNKNOWN_MODEL if kind is None else kind)
    if found is None:
        raise UsageError(f"there is no kind of identity '{kind}': this version knows {', '.join(DOMAINS)}")
    return found
