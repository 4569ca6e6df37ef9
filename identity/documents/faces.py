"""The documents of pages with faces: everybody at a glance, all faces of somebody, and questions for a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from typing_extensions import TypedDict

from identity.documents.clusters import SuggestionFields, suggestion_fields

if TYPE_CHECKING:
    from identity.gallery.faces import Faces
    from identity.gallery.overview import Glimpse, OpenQuestion, Overview

MOST_SHOWN = 30  # samples of a question, and of whom it is about


class GlimpseFields(TypedDict):
    """Somebody with the ids of the first samples; `who` is the name, or an unnamed cluster (`c12`)."""

    who: str
    identity: str | None
    size: int
    confirmed: int
    samples: list[int]


class OverviewFields(TypedDict):
    """A page of everybody who is wanted, largest first; `total` counts those, the other numbers the whole gallery."""

    gallery: str
    total: int
    named: int
    unnamed: int
    loose: int
    pictures: bool  # whether the gallery keeps crops, by those that are here
    people: list[GlimpseFields]


class FaceFields(TypedDict):
    """A sample of somebody: its cosine distance to the mean direction of the others, and whether it bears the name."""

    id: int
    distance: float
    confirmed: bool


class FacesFields(TypedDict):
    """A page of somebody's faces, nearest to the rest first; `size` and `n_confirmed` count all."""

    gallery: str
    who: str
    identity: str | None
    size: int
    n_confirmed: int
    pictures: bool  # whether the gallery keeps crops, by the first of these
    faces: list[FaceFields]


class QuestionFields(TypedDict):
    """Whether `who` (a cluster) is the person, or, without a suggestion, whether the person's unconfirmed samples are.

    Of `samples`, which are asked about, and of `known`, which bear the name, the first are here; `settles` counts all.
    """

    who: str
    identity: str
    settles: int
    samples: list[int]
    known: list[int]
    suggestion: SuggestionFields | None


class QuestionsFields(TypedDict):
    """The first questions, what settles most samples first; `total` counts all that are open."""

    gallery: str
    total: int
    questions: list[QuestionFields]


def overview_fields(
    gallery: str, found: Overview, wanted: Sequence[Glimpse], *, first: int, limit: int, samples: int, pictures: bool
) -> OverviewFields:
    """A page of those who are wanted, with so many samples of each."""
    return {
        "gallery": gallery,
        "total": len(wanted),
        "named": len(found.named),
        "unnamed": len(found.unnamed),
        "loose": len(found.loose),
        "pictures": pictures,
        "people": [_glimpse(one, samples) for one in wanted[first : first + limit]],
    }


def _glimpse(one: Glimpse, samples: int) -> GlimpseFields:
    return {
        "who": one.who,
        "identity": one.identity,
        "size": len(one.samples),
        "confirmed": one.confirmed,
        "samples": one.samples[:samples].tolist(),
    }


def faces_fields(gallery: str, found: Faces, *, first: int, limit: int, pictures: bool) -> FacesFields:
    """A page of somebody's faces."""
    columns = found.samples, found.distances, found.confirmed
    rows = zip(*(column[first : first + limit].tolist() for column in columns), strict=True)
    return {
        "gallery": gallery,
        "who": found.who,
        "identity": found.identity,
        "size": len(found.samples),
        "n_confirmed": int(found.confirmed.sum()),
        "pictures": pictures,
        "faces": [{"id": id_, "distance": round(far, 4), "confirmed": bears} for id_, far, bears in rows],
    }


def questions_fields(gallery: str, found: Sequence[OpenQuestion], *, limit: int) -> QuestionsFields:
    """The first questions."""
    return {"gallery": gallery, "total": len(found), "questions": [_question(one) for one in found[:limit]]}


def _question(one: OpenQuestion) -> QuestionFields:
    return {
        "who": one.who,
        "identity": one.identity,
        "settles": one.settles,
        "samples": one.samples[:MOST_SHOWN].tolist(),
        "known": one.known[:MOST_SHOWN].tolist(),
        "suggestion": None if one.suggestion is None else suggestion_fields(one.suggestion),
    }


FACES: Mapping[str, Any] = {"faces": FacesFields, "overview": OverviewFields, "questions": QuestionsFields}
