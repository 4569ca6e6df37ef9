"""Decisions of several people about one gallery: each is of the state that its maker saw, and is made once.

`If-Match` says which version somebody decided on. Where the gallery is another by now, nothing is written and the
answer (412) says what others did. `Idempotency-Key` names a decision: sent again, after an answer that got lost, it is
answered as before and not made twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Header, Request, Response

from identity.web.answers import afterwards
from identity.web.messages import RefusedError
from identity.web.parameters import GalleryName
from identity.web.service import Here, Service
from identity.web.versions import changes_in, changes_of, version_of

if TYPE_CHECKING:
    from identity.gallery import Gallery

ANY = "*"
PATIENCE_S = 10
Key = Annotated[str | None, Header(description="Names this decision.", max_length=200)]
Made = Callable[["Gallery"], tuple[str | None, Response]]  # with a note for those who decide later


@contextmanager
def _held(lock: Lock) -> Iterator[None]:
    """One decision at a time. Raises `RefusedError` where another takes long: whoever reads must find a free thread."""
    if not lock.acquire(timeout=PATIENCE_S):
        raise RefusedError(
            "deciding", "Another decision is being made", 409,
            cause=f"another decision about this gallery takes longer than {PATIENCE_S} s", cure="send this one again",
        )  # fmt: skip
    try:
        yield
    finally:
        lock.release()


@dataclass(frozen=True, slots=True)
class Decision:
    """Who decides on what version, and the request as it was sent."""

    service: Service
    gallery: str
    version: str | None
    key: str | None
    asked: bytes

    @property
    def changes(self) -> int | None:
        """The change counter of the version that was seen; None where any will do."""
        return None if self.version is None else changes_of(self.version)

    def make(self, made: Made) -> Response:
        """Let `made` change the gallery, if it is the one that was seen; the answer bears the version it is now."""

        def change(opened: Gallery) -> Response:
            note, response = made(opened)
            if note is not None:
                self.service.made_here(self.gallery).append((opened.store.gallery.changes, note))
            response.headers["etag"] = version_of(opened)
            response.background = afterwards(opened.gathering)  # the next one does not wait for it
            return response

        return self.make_last(change)

    def make_last(self, made: Callable[[Gallery], Response]) -> Response:
        """The same for the last decision about a gallery, after which it has no version."""

        def change() -> Response:
            opened = self.service.gallery(self.gallery)
            self._require_seen(opened)
            return made(opened)

        return self.once(change)

    def once(self, change: Callable[[], Response]) -> Response:
        """Let `change` happen, or answer as before where it has happened."""
        with _held(self.service.deciding(self.gallery)):
            known = None if self.key is None else self.service.remembered.answer(self._name(), self.asked)
            if known is not None:
                return known
            response = change()
            if self.key is not None:
                self.service.remembered.keep(self._name(), self.asked, response)
            return response

    def _name(self) -> str:
        return f"{self.gallery}\0{self.key}"

    def _require_seen(self, opened: Gallery) -> None:
        if self.version is None:
            raise RefusedError(
                "unseen", "What was seen is not said", 428,
                cause="a decision must say which version of the gallery it is about",
                cure="send the ETag of what you saw as If-Match, or * for any",
            )  # fmt: skip
        require_seen(self.service, opened, self.version)


def require_seen(service: Service, opened: Gallery, version: str) -> None:
    """Raise `StaleError` where a gallery is another than the version that somebody decides on."""
    if version not in (ANY, version_of(opened)):
        raise StaleError(opened, changes_in(opened, version, service.made_here(opened.name)))


class StaleError(RefusedError):
    """A decision about a gallery that is another by now."""

    def __init__(self, gallery: Gallery, changed: list[str]) -> None:
        super().__init__(
            "gallery-changed", "Somebody changed the gallery", 412,
            cause=f"gallery '{gallery.name}' was changed since you saw it, nothing was written",
            cure="look at it again, then decide with its new ETag",
        )  # fmt: skip
        self.fields["changed"] = changed


async def decision_of(
    here: Here,
    request: Request,
    gallery: GalleryName,
    if_match: Annotated[str | None, Header(description="ETag of the gallery as you saw it, or *.")] = None,
    idempotency_key: Key = None,
) -> Decision:
    """What the headers say of a decision."""
    return Decision(here, gallery, if_match, idempotency_key, await digest_of(request))


async def digest_of(request: Request) -> bytes:
    """What tells one request from another under the same key."""
    said = f"{request.method} {request.url.path}".encode()
    return hashlib.sha256(said + b"\0" + await request.body()).digest()


Deciding = Annotated[Decision, Depends(decision_of)]
