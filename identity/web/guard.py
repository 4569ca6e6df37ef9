"""Stands before everything: who may ask, from where, how much, and what a browser may do with the answer.

A page of another site can make a browser send requests here, and a name that points to 127.0.0.1 can make them look
like our own (DNS rebinding). So the name in `Host` must be ours, `Origin` must be ours where there is one, and every
request carries the token that was printed at start: as a cookie that other sites cannot send, or as a bearer's.
"""

from __future__ import annotations

import hmac
import ipaddress
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, urlsplit

from identity.web.bounded import Bounds, bounded
from identity.web.messages import Message, Receive, RefusedError, Scope, Send, Served, answer_text, answer_with, header

WRITING = ("POST", "PUT", "PATCH", "DELETE")
HEADERS = {
    "content-security-policy": (
        "default-src 'none'; img-src 'self' blob:; media-src 'self' blob:; style-src 'self'; script-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "x-frame-options": "DENY",
}


@dataclass(frozen=True, slots=True)
class Guard:
    """Lets requests through to `served` that know the token and come from where they should."""

    served: Served
    token: str
    port: int
    names: frozenset[str]  # of this machine; addresses in numbers are its own anyway
    bounds: Bounds

    @property
    def cookie(self) -> str:
        """The cookie's name: browsers do not keep those of two ports apart."""
        return f"identity-{self.port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or say why not."""
        if scope["type"] != "http":
            await self.served(scope, receive, send)
            return
        guarded = _with_headers(send)
        try:
            self._require_here(scope)
            if self._brings_token(scope):
                await self._welcome(scope, guarded)
                return
            self._require_token(scope)
            await bounded(self.served, self.bounds, scope, receive, guarded)
        except RefusedError as refused:
            await answer_with(refused.fields, guarded, {"cache-control": "no-store", "connection": "close"})

    def _require_here(self, scope: Scope) -> None:
        host = header(scope, b"host") or ""
        if not self._is_ours(host):
            raise RefusedError(
                "host", "Another host is meant", 421,
                cause=f"this server is not '{host[:80]}'", cure="use the address that it printed at its start",
            )  # fmt: skip
        origins = [value.decode("latin-1") for key, value in scope["headers"] if key == b"origin"]
        foreign = any(origin != f"http://{host}" for origin in origins)
        if foreign or (header(scope, b"sec-fetch-site") or "same-origin") not in {"same-origin", "none"}:
            raise RefusedError(
                "origin", "Another site asks", 403,
                cause="this request comes from a page of another site", cure="open the address printed at the start",
            )  # fmt: skip

    def _is_ours(self, host: str) -> bool:
        try:
            parts = urlsplit(f"//{host}")
            name, port = parts.hostname or "", parts.port or 80
        except ValueError:
            return False
        if parts.username is not None or parts.path or port != self.port:
            return False
        return name in self.names or _is_address(name)

    def _brings_token(self, scope: Scope) -> bool:
        return scope["method"] == "GET" and scope["path"] == "/" and b"token=" in scope["query_string"]

    async def _welcome(self, scope: Scope, send: Send) -> None:
        """Make the token of the printed address a cookie, and lead to the address without it."""
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        if not self._is_token(given):
            raise self._stranger()
        cookie = f"{self.cookie}={self.token}; Path=/; HttpOnly; SameSite=Strict"
        headers = {"location": "/", "set-cookie": cookie, "cache-control": "no-store"}
        await answer_text("", send, status=303, headers=headers)

    def _require_token(self, scope: Scope) -> None:
        kind, _, bearer = (header(scope, b"authorization") or "").partition(" ")
        if kind.lower() == "bearer" and self._is_token(bearer.strip()):
            return
        if not self._is_token(self._cookie_of(scope)):
            raise self._stranger()

    def _cookie_of(self, scope: Scope) -> str:
        try:
            found = SimpleCookie(header(scope, b"cookie") or "").get(self.cookie)
        except CookieError:
            return ""
        return "" if found is None else found.value

    def _is_token(self, given: str) -> bool:
        return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), self.token.encode())

    def _stranger(self) -> RefusedError:
        return RefusedError(
            "token", "Nobody is known", 401,
            cause="the token is missing or is not the one of this start",
            cure="open the address that the server printed, or send 'Authorization: Bearer TOKEN'",
        )  # fmt: skip


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _with_headers(send: Send) -> Send:
    """Adds what every answer says to browsers; one that says nothing of caches is kept in none."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = {key.lower() for key, _ in message["headers"]}
            more = [(key.encode(), value.encode()) for key, value in HEADERS.items()]
            kept = [] if b"cache-control" in given else [(b"cache-control", b"no-store")]
            message["headers"] = [*message["headers"], *more, *kept]
        await send(message)

    return sending
