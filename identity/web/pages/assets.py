"""Scripts and styles of the pages: files of the package, known to a browser by what is in them."""

from __future__ import annotations

from hashlib import blake2b
from importlib.resources import files
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from identity import NotFoundError
from identity.web.answers import has_it

router = APIRouter(include_in_schema=False)
MEDIA = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
Name = Annotated[str, Path(pattern=r"^[a-z_]+\.(css|js|svg)$")]


@router.get("/assets/{name}")
def asset(name: Name, request: Request) -> Response:
    """A script or a style."""
    text, tag = _asset(name)
    headers = {"etag": tag, "cache-control": "private, no-cache"}
    if has_it(request, tag):
        return Response(status_code=304, headers=headers)
    return Response(text, media_type=MEDIA[name.rpartition(".")[2]], headers=headers)


def _asset(name: str) -> tuple[bytes, str]:
    file = files("identity.web.pages") / "static" / name
    if not file.is_file():
        raise NotFoundError(f"there is no '{name}': open the address that the server printed")
    text = file.read_bytes()
    return text, f'"a.{blake2b(text, digest_size=12).hexdigest()}"'
