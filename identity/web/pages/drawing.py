"""Fills templates in. Everything that a template shows is escaped; scripts and styles are files of their own."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from fastapi import Response

from identity.web.service import Service

if TYPE_CHECKING:
    from jinja2 import Environment

    from identity import Gallery

Parts = tuple[tuple[str, str], ...]


def page(
    template: str, here: Service, *, title: str, opened: Gallery | None = None, part: str = "", **shown: Any
) -> Response:
    """A page about a gallery, or about the whole home (None)."""
    told = {
        "title": title,
        "gallery": None if opened is None else opened.name,
        "domain": None if opened is None else opened.domain,
        "part": part,
        "parts": () if opened is None else _parts(opened),
        "galleries": [record.name for record, _ in here.home.galleries()],
    }
    text = _environment().get_template(template).render(**told, **shown)
    return Response(text, media_type="text/html", headers={"cache-control": "private, no-cache"})


def _parts(opened: Gallery) -> Parts:
    """The pages of a gallery, in the words of what it shows."""
    everybody = "People" if opened.domain.shows_people else "Identities"
    return ("people", everybody), ("review", "Review"), ("ask", "Who is this?"), ("", "Gallery")


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("identity.web.pages"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
