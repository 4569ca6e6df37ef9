"""Counts requests and their seconds, by route and status."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Lock
from time import perf_counter

from identity.web.messages import Message, Receive, Scope, Send, Served

Route = tuple[str, str, int]  # method, address with its parameters' names, status


@dataclass(slots=True)
class Meter:
    """What was answered since the start."""

    _answers: Counter[Route] = field(default_factory=Counter)
    _seconds: defaultdict[Route, float] = field(default_factory=lambda: defaultdict(float))
    _lock: Lock = field(default_factory=Lock)

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """One more answer."""
        with self._lock:
            self._answers[method, route, status] += 1
            self._seconds[method, route, status] += seconds

    def lines(self) -> Iterator[str]:
        """As Prometheus reads them."""
        with self._lock:
            rows = [(key, count, self._seconds[key]) for key, count in sorted(self._answers.items())]
        yield "# HELP identity_request_seconds Time from request to answer."
        yield "# TYPE identity_request_seconds summary"
        for (method, route, status), count, seconds in rows:
            labels = f'{{method="{method}",route="{route}",status="{status}"}}'
            yield f"identity_request_seconds_count{labels} {count}"
            yield f"identity_request_seconds_sum{labels} {seconds:.6f}"


def metered(served: Served, meter: Meter) -> Served:
    """The same, counted by route; an address that is none counts as one."""

    async def counting(scope: Scope, receive: Receive, send: Send) -> None:
        begun, status = perf_counter(), 0

        async def sending(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await served(scope, receive, sending)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            meter.count(scope["method"], route, status, perf_counter() - begun)

    return counting
