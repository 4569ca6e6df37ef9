"""Fills templates in. Everything that a template shows is escaped; scripts and styles are files of their own."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from fastapi import Response

from identity.web.service import Service

if TYPE_CHECKING:
    from jinja2 import Environment

PARTS = (("people", "People"), ("review", "Review"), ("ask", "Who is this?"), ("", "Gallery"))  # of a gallery


def page(
    template: str, here: Service, *, title: str, gallery: str | None = None, part: str = "", **shown: Any
) -> Response:
    """A page about a gallery, or about the whole home (None)."""
    galleries = [record.name for record, _ in here.home.galleries()]
    text = _environment().get_template(template).render(
        title=title, gallery=gallery, part=part, galleries=galleries, parts=PARTS, **shown
    )
    return Response(text, media_type="text/html", headers={"cache-control": "private, no-cache"})


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("identity.web.pages"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
