"""The one place of the surface where errors become answers. None of them shows a traceback."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError

from identity import IdentityError
from identity.documents.problems import ProblemFields, problem, problem_of, unforeseen
from identity.documents.writing import plain_json
from identity.web.messages import PROBLEM, RefusedError

_TITLES = {404: "There is no such address", 405: "The address does not do that"}


def answer_problems(app: FastAPI) -> None:
    """Let every error of the app's answers be a problem document."""
    app.add_exception_handler(IdentityError, _of_ours)
    app.add_exception_handler(RefusedError, _of_refusal)
    app.add_exception_handler(RequestValidationError, _of_request)
    for status in (400, 404, 405):
        app.add_exception_handler(status, _of_http)
    app.add_exception_handler(HTTPException, _of_http)
    app.add_exception_handler(Exception, _of_anything)


def problem_answer(fields: ProblemFields, headers: dict[str, str] | None = None) -> Response:
    """A problem as an answer."""
    return Response(plain_json(fields), fields["status"], headers, media_type=PROBLEM)


async def _of_ours(_request: Request, error: Exception) -> Response:
    assert isinstance(error, IdentityError)
    fields = problem_of(error)
    return problem_answer(fields, {"retry-after": "2"} if fields["status"] == 503 else None)


async def _of_refusal(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RefusedError)
    return problem_answer(error.fields)


async def _of_request(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    said = "; ".join(_one(each) for each in error.errors()[:3])
    cure = "see /api/v1/openapi.json for what this address takes"
    return problem_answer(problem("invalid", "The request is not what is wanted", 422, cause=said, cure=cure))


def _one(error: dict[str, Any]) -> str:
    where = ".".join(str(part)[:40] for part in error["loc"])
    return f"{where}: {error['msg']}"


async def _of_http(_request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 400)
    title = _TITLES.get(status, "The request cannot be read")
    cause = str(getattr(error, "detail", "")) or title
    fields = problem("http", title, status, cause=cause, cure="see /api/v1/openapi.json for the addresses there are")
    return problem_answer(fields, dict(getattr(error, "headers", None) or {}))


async def _of_anything(_request: Request, _error: Exception) -> Response:
    return problem_answer(unforeseen())
