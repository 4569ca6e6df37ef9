"""Counts requests and their seconds, by route and status."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Lock

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
