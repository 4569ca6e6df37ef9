"""Words for what passes between the server and what guards it: one request, its messages, and a problem as answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, TypeAlias

from identity.documents.problems import ProblemFields, problem
from identity.documents.writing import plain_json

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Served: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

PROBLEM = "application/problem+json"


class RefusedError(Exception):
    """A request that is refused for what it is, not for what it asks of a gallery."""

    def __init__(self, name: str, title: str, status: int, *, cause: str, cure: str) -> None:
        super().__init__(f"{cause}: {cure}")
        self.fields: ProblemFields = problem(name, title, status, cause=cause, cure=cure)


def header(scope: Scope, name: bytes) -> str | None:
    """The one value of a header; None where there is none, or several that contradict each other."""
    found = {value for key, value in scope["headers"] if key == name}
    return found.pop().decode("latin-1") if len(found) == 1 else None


async def answer_with(fields: ProblemFields, send: Send, headers: Mapping[str, str] | None = None) -> None:
    """Send a problem as the whole answer."""
    said = {"content-type": PROBLEM, **(headers or {})}
    await answer_text(plain_json(fields), send, status=fields["status"], headers=said)


async def answer_text(text: str, send: Send, *, status: int, headers: Mapping[str, str]) -> None:
    """Send a text as the whole answer."""
    body = text.encode()
    pairs = [(key.encode("latin-1"), value.encode("latin-1")) for key, value in headers.items()]
    pairs.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})


