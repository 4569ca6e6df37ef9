"""The page that lists every address and what it does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response

from identity.web.pages.drawing import page
from identity.web.service import Here

router = APIRouter(include_in_schema=False)


@router.get("/docs")
def docs(here: Here, request: Request) -> Response:
    """Every address with what it does."""
    return page("addresses.html", here, title="Addresses", rows=_rows(request.app.openapi()))


def _rows(document: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Verb, address and what it does, as the OpenAPI document says it."""
    return [
        (verb.upper(), path, " ".join(said["description"].split()))
        for path, verbs in document["paths"].items()
        for verb, said in verbs.items()
    ]
