"""How much a request may send, and for how long, before anything of it is decoded."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from identity.web.messages import Message, Receive, RefusedError, Scope, Send, Served, answer_with, header

UPLOAD_S = 120.0
OTHER_BYTES = 8 << 20  # of a request that brings no files: a decision about a million samples


@dataclass(frozen=True, slots=True)
class Bounds:
    """Of a request's body: bytes of an upload, seconds from the first to the last of them."""

    upload_bytes: int
    upload_s: float


async def bounded(served: Served, bounds: Bounds, scope: Scope, receive: Receive, send: Send) -> None:
    """Serve a request whose body is cut off where it is too long or comes too slowly; then that is the answer."""
    upload = (header(scope, b"content-type") or "").startswith("multipart/")
    most = bounds.upload_bytes if upload else min(OTHER_BYTES, bounds.upload_bytes)
    _require_fitting(header(scope, b"content-length"), most)
    counter = _CountedBody(receive, most, time.monotonic() + bounds.upload_s, bounds.upload_s)
    begun = False

    async def sending(message: Message) -> None:
        nonlocal begun
        if counter.refused is None:
            begun = True
            await send(message)

    try:
        await served(scope, counter.receive, sending)
    finally:
        if counter.refused is not None and not begun:
            await answer_with(counter.refused.fields, send, {"connection": "close"})


class _CountedBody:
    """The messages of a body, counted."""

    def __init__(self, receive: Receive, most: int, until_s: float, allowed_s: float) -> None:
        self.refused: RefusedError | None = None
        self._receive, self._most, self._until_s, self._allowed_s = receive, most, until_s, allowed_s
        self._seen, self._ended = 0, False

    async def receive(self) -> Message:
        """The next message; where the body is refused, the one that says that nobody is there any more."""
        if self._ended:
            return await self._receive()
        try:
            message = await asyncio.wait_for(self._receive(), max(0.0, self._until_s - time.monotonic()))
        except TimeoutError:
            return self._refuse(_too_slow(self._allowed_s))
        self._seen += len(message.get("body", b""))
        if self._seen > self._most:
            return self._refuse(_too_large(self._most))
        self._ended = not message.get("more_body", False)
        return message

    def _refuse(self, refused: RefusedError) -> Message:
        self.refused = refused
        return {"type": "http.disconnect"}


def _require_fitting(length: str | None, most: int) -> None:
    if length is not None and length.isdecimal() and (len(length) > 18 or int(length) > most):
        raise _too_large(most)


def _too_large(most: int) -> RefusedError:
    return RefusedError(
        "too-large", "The request is too large", 413,
        cause=f"a request may have {most} bytes", cure="send fewer images at once, or raise IDENTITY_MAX_UPLOAD_BYTES",
    )  # fmt: skip


def _too_slow(allowed_s: float) -> RefusedError:
    return RefusedError(
        "too-slow", "The request came too slowly", 408,
        cause=f"a request must be here within {allowed_s:g} s", cure="send it again, in smaller parts",
    )  # fmt: skip
