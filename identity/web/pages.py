"""Pages for a browser: so far the front one, which lists every address and what it does."""

from __future__ import annotations

from functools import cache
from html import escape

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute

router = APIRouter(include_in_schema=False)
CSS = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { margin: 0 auto; max-width: 60rem; padding: 1rem }
code { font: 0.95em ui-monospace, monospace; overflow-wrap: anywhere }
dt { margin-top: 0.8rem }
dd { margin: 0 }
"""


@router.get("/")
def front() -> Response:
    """Where the printed address leads."""
    return Response(status_code=303, headers={"location": "/docs"})


@router.get("/docs")
def docs(request: Request) -> Response:
    """Every address with what it does."""
    routes = [route for route in request.app.routes if isinstance(route, APIRoute) and route.include_in_schema]
    return Response(_page(tuple(routes)), media_type="text/html")


@router.get("/docs/style.css")
def style() -> Response:
    """How it looks."""
    return Response(CSS, media_type="text/css", headers={"cache-control": "private, max-age=3600"})


@cache
def _page(routes: tuple[APIRoute, ...]) -> str:
    rows = "\n".join(_row(route) for route in routes)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>identity: HTTP</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<link rel="stylesheet" href="/docs/style.css">\n</head>\n<body>\n<main>\n<h1>identity over HTTP</h1>\n'
        '<p>The whole description: <a href="/api/v1/openapi.json">openapi.json</a></p>\n'
        f"<dl>\n{rows}\n</dl>\n</main>\n</body>\n</html>\n"
    )


def _row(route: APIRoute) -> str:
    said = escape(" ".join(route.description.split()))
    return f"<dt><code>{' '.join(sorted(route.methods or ()))} {escape(route.path)}</code></dt><dd>{said}</dd>"
