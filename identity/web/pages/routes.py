"""Where the pages lie: those of a gallery below its name, the others at the top."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from identity.web.answers import afterwards
from identity.web.pages.drawing import page
from identity.web.parameters import GalleryName
from identity.web.service import Here

router = APIRouter(include_in_schema=False)
Who = Annotated[str, Query(max_length=500)]


@router.get("/")
def front(here: Here) -> Response:
    """Where the printed address leads: every gallery with what it holds."""
    found, default = here.home.galleries(), here.home.default_gallery
    made = page("front.html", here, title="Galleries", found=found, default=default)
    if default in {record.name for record, _ in found}:
        made.background = afterwards(here.gallery(default).gathering)  # the gallery that is probably opened next
    return made


@router.get("/galleries/{gallery}/people")
def people(here: Here, gallery: GalleryName) -> Response:
    """Everybody in a gallery, named or not."""
    return _of_gallery(here, gallery, "people", "People")


@router.get("/galleries/{gallery}/person")
def person(here: Here, gallery: GalleryName, who: Who) -> Response:
    """Every face of a cluster or of a name."""
    return _of_gallery(here, gallery, "person", who, part="people", who=who)


@router.get("/galleries/{gallery}/review")
def review(here: Here, gallery: GalleryName) -> Response:
    """One question after another."""
    return _of_gallery(here, gallery, "review", "Review")


@router.get("/galleries/{gallery}/ask")
def ask(here: Here, gallery: GalleryName) -> Response:
    """Who a photograph shows."""
    return _of_gallery(here, gallery, "ask", "Who is this?")


@router.get("/galleries/{gallery}")
def gallery(here: Here, gallery: GalleryName) -> Response:
    """What a gallery holds, promises and remembers."""
    folders = [str(folder) for folder in here.folders]
    return _of_gallery(here, gallery, "gallery", gallery, part="", folders=folders)


@router.get("/jobs")
def jobs(here: Here) -> Response:
    """Long work, under way and done."""
    return page("jobs.html", here, title="Jobs", part="jobs")


def _of_gallery(here: Here, gallery: str, name: str, title: str, *, part: str | None = None, **shown: Any) -> Response:
    opened, here_is = here.gallery(gallery), name if part is None else part
    made = page(f"{name}.html", here, title=title, opened=opened, part=here_is, **shown)
    made.background = afterwards(opened.gathering)  # which the page asks for next
    return made
