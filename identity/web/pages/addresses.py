"""The page that lists every address and what it does."""

from __future__ import annotations

from functools import cache

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute

from identity.web.pages.drawing import page
from identity.web.service import Here

router = APIRouter(include_in_schema=False)


@router.get("/docs")
def docs(here: Here, request: Request) -> Response:
    """Every address with what it does."""
    routes = [route for route in request.app.routes if isinstance(route, APIRoute) and route.include_in_schema]
    return page("addresses.html", here, title="Addresses", rows=_rows(tuple(routes)))


@cache
def _rows(routes: tuple[APIRoute, ...]) -> list[tuple[str, str, str]]:
    """Verb, address and what it does, of every route."""
    return [
        (" ".join(sorted(route.methods or ())), route.path, " ".join(route.description.split())) for route in routes
    ]
