"""Documents and pictures as answers over HTTP, and how routes say what they answer with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import BackgroundTasks, Request, Response

from identity.documents.writing import json_text

JSON = "application/json"
UNSEEN = {"clear-site-data": '"cache"'}  # or a browser would keep pictures of somebody who was forgotten
FOR_EVER = "private, max-age=31536000, immutable"
Responses = dict[int | str, dict[str, Any]]


def answer(
    name: str, fields: Mapping[str, Any], *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """A document, as the command prints it."""
    return Response(json_text(name, fields), status, dict(headers or {}), media_type=JSON)


def picture(tag: str, content: tuple[bytes, str] | None) -> Response:
    """A picture that never changes (`content` and its type), or 304 where the browser has it (None)."""
    headers = {"etag": tag, "cache-control": FOR_EVER}
    if content is None:
        return Response(status_code=304, headers=headers)
    return Response(content[0], headers=headers, media_type=content[1])


def afterwards(work: Callable[[], object]) -> BackgroundTasks:
    """What is done once an answer is sent, as its `background`."""
    tasks = BackgroundTasks()
    tasks.add_task(work)
    return tasks


def has_it(request: Request, tag: str) -> bool:
    """Whether who asks has this version already."""
    known = request.headers.get("if-none-match", "")
    return known == "*" or tag in (one.strip().removeprefix("W/") for one in known.split(","))


def documented(name: str, *, status: int = 200) -> Responses:
    """A route's answers: the document `name`, or a problem."""
    return _answers(status, "The document.", {JSON: {"schema": {"$ref": f"#/components/schemas/{name}"}}})


def pictured(*media: str) -> Responses:
    """A route's answers: a picture of these types, that it has not changed, or a problem."""
    found = _answers(200, "The picture.", {one: {"schema": {"type": "string", "format": "binary"}} for one in media})
    return found | {304: {"description": "As you have it."}}


def texted(media: str, *, kind: str = "string") -> Responses:
    """A route's answers: a text, or JSON of this `kind`, or a problem."""
    return _answers(200, "The text.", {media: {"schema": {"type": kind}}})


def _answers(status: int, said: str, content: dict[str, Any]) -> Responses:
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/problem"}}}
    return {
        status: {"description": said, "content": content},
        "default": {"description": "A problem, with its cause and its cure.", "content": problem},
    }
