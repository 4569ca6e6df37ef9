"""Runs the server: binds the port before anything is printed, stops cleanly at a signal, at once at a second one."""

from __future__ import annotations

import secrets
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import anyio.to_thread
import uvicorn

from identity import UsageError
from identity.home import Home
from identity.web.app import make_app, make_service
from identity.web.bounded import UPLOAD_S, Bounds
from identity.web.guard import Guard
from identity.web.meter import metered
from identity.web.service import Service

LOCAL = ("127.0.0.1", "::1", "localhost")
THREADS = 12  # that answer at once: fewer than the database gives connections
CLOSING_S = 5  # that answers under way are given at the end


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person wants of the server. Port 0 is any free one; without a token one is made up."""

    host: str = "127.0.0.1"
    port: int = 8765
    token: str | None = None
    names: tuple[str, ...] = ()  # by which other machines know this one
    folders: tuple[Path, ...] = ()
    upload_s: float = UPLOAD_S


def serve(home: Home, wanted: Wanted, *, on_ready: Callable[[str], None]) -> None:
    """Serve until a signal ends it; `on_ready` is told the address to open. Raises `UsageError` for a taken port."""
    token = _token(wanted)
    with _bound(wanted) as listening:
        port = int(listening.getsockname()[1])
        service = make_service(home, tuple(folder.resolve() for folder in wanted.folders))
        names = frozenset(("localhost", *(name.lower() for name in wanted.names)))
        bounds = Bounds(home.settings.limits.upload_bytes, wanted.upload_s)
        guard = Guard(metered(make_app(service), service.meter), token, port, names, bounds)
        server = _Server(_config(guard), service, lambda: on_ready(f"http://{_shown(wanted.host)}:{port}/?token={token}"))
        with _signals_to(server):
            server.run(sockets=[listening])
        service.close()


class _Server(uvicorn.Server):
    """Tells when it answers; signals are not its affair."""

    def __init__(self, config: uvicorn.Config, service: Service, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._service, self._on_ready = service, on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As usual, and then tell."""
        anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
        await super().startup(sockets)
        self._on_ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """They are caught already."""
        yield

    def stop(self, _signal: int, _frame: FrameType | None) -> None:
        """Take no more requests and let jobs end at their next seam; asked again, leave what is under way."""
        self.force_exit = self.should_exit
        self.should_exit = True
        self._service.stopping.set()


def _config(guard: Guard) -> uvicorn.Config:
    return uvicorn.Config(
        guard, access_log=False, log_level="warning", lifespan="off", ws="none", server_header=False,
        timeout_graceful_shutdown=CLOSING_S, timeout_keep_alive=30, h11_max_incomplete_event_size=32 << 10,
        proxy_headers=False,
    )  # fmt: skip


@contextmanager
def _signals_to(server: _Server) -> Iterator[None]:
    before = [(number, signal.signal(number, server.stop)) for number in (signal.SIGINT, signal.SIGTERM)]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)


def _token(wanted: Wanted) -> str:
    if wanted.token is None:
        if wanted.host not in LOCAL:
            raise UsageError(
                f"--host {wanted.host} lets other machines see every face and name here: give them a --token of "
                "16 characters or more, and use it in a network that you trust, for nothing is encrypted"
            )
        return secrets.token_urlsafe(24)
    if len(wanted.token) < 16 or not all(sign.isascii() and (sign.isalnum() or sign in "-_") for sign in wanted.token):
        raise UsageError("--token must have 16 or more letters, digits, '-' or '_': leave it out to have one made")
    return wanted.token


def _bound(wanted: Wanted) -> socket.socket:
    family = socket.AF_INET6 if ":" in wanted.host else socket.AF_INET
    # said to be TCP, without which asyncio lets small answers wait 40 ms for more (Nagle's algorithm)
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((wanted.host, wanted.port))
    except (OSError, OverflowError) as error:
        listening.close()
        where = f"{wanted.host}:{wanted.port}"
        raise UsageError(f"{where} cannot be used ({error}): choose another --port, 0 for any") from error
    return listening


def _shown(host: str) -> str:
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 (compared, not bound)
    return everywhere.get(host, f"[{host}]" if ":" in host else host)
