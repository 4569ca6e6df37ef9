"""What pages with faces look at: everybody at a glance, all faces of somebody, questions for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from identity.web.answers import answer, documented
from identity.web.parameters import First, GalleryName, Limit
from identity.web.service import Here
from identity.web.versions import versioned

if TYPE_CHECKING:
    from identity import Gallery

LOOKED_AT = 10
router = APIRouter(prefix="/galleries/{gallery}", tags=["people"])
Which = Annotated[Literal["all", "named", "unnamed"], Query(description="Who is wanted.")]
Text = Annotated[str, Query(description="Only those whose name or cluster has this in it.", max_length=500)]
Shown = Annotated[int, Query(description="How many samples of each.", ge=0, le=100)]
Who = Annotated[str, Query(description="A cluster (c12) or a name.", min_length=1, max_length=500)]
ManyFaces = Annotated[int, Query(description="How many at most.", ge=1, le=10_000)]


@router.get("/overview", responses=documented("overview"))
def overview(
    here: Here, gallery: GalleryName, request: Request, *,
    which: Which = "all", text: Text = "", first: First = 0, limit: Limit = 100, samples: Shown = 10,
) -> Response:  # fmt: skip
    """Show each person and each unnamed cluster once, largest first, a page at a time."""
    from identity.documents.faces import overview_fields

    opened = here.gallery(gallery)

    def fields() -> Response:
        found = opened.people.overview()
        wanted = found.of(which, text)
        here_is = {"first": first, "limit": limit, "samples": samples}
        kept = all(_pictures(opened, one.samples[:LOOKED_AT].tolist()) for one in wanted[first : first + 1])
        return answer("overview", overview_fields(gallery, found, wanted, **here_is, pictures=kept))

    return versioned(request, opened, fields)


@router.get("/faces", responses=documented("faces"))
def faces(
    here: Here, gallery: GalleryName, request: Request, *, who: Who, first: First = 0, limit: ManyFaces = 1000
) -> Response:
    """Show all faces of somebody, those that are far from the rest last, a page at a time."""
    from identity.documents.faces import faces_fields

    opened = here.gallery(gallery)

    def fields() -> Response:
        found = opened.people.faces(who)
        kept = _pictures(opened, found.samples[:LOOKED_AT].tolist())
        return answer("faces", faces_fields(gallery, found, first=first, limit=limit, pictures=kept))

    return versioned(request, opened, fields)


@router.get("/questions", responses=documented("questions"))
def questions(here: Here, gallery: GalleryName, request: Request, *, limit: Limit = 100) -> Response:
    """Ask what only a person can say: who clusters probably are, and whether unconfirmed samples are who they seem."""
    from identity.documents.faces import questions_fields

    opened = here.gallery(gallery)

    def fields() -> Response:
        return answer("questions", questions_fields(gallery, opened.people.questions(), limit=limit))

    return versioned(request, opened, fields, kept=here.kept)


def _pictures(opened: Gallery, samples: list[int]) -> bool:
    """Whether crops of these samples are kept."""
    return len(opened.samples.crops(samples)) > 0
