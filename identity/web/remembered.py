"""Answers kept in memory: to decisions, for whoever did not receive them and asks again, and those that took long.

After a new start, `If-Match` alone keeps a decision from being made twice.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from fastapi import Response

from identity.web.messages import RefusedError

MOST_REMEMBERED = 1000
MOST_KEPT = 32


@dataclass(slots=True)
class Remembered:
    """Answers to decisions that were made, by their key; the oldest are forgotten first."""

    _answers: OrderedDict[str, tuple[bytes, Response]] = field(default_factory=OrderedDict)

    def answer(self, key: str, asked: bytes) -> Response | None:
        """What was answered. Raises `RefusedError` where the key was another decision's."""
        found = self._answers.get(key)
        if found is None:
            return None
        if found[0] != asked:
            raise RefusedError(
                "key-used", "The key means something else", 422,
                cause="this Idempotency-Key was another decision's", cure="make a new key for each decision",
            )  # fmt: skip
        return found[1]

    def keep(self, key: str, asked: bytes, made: Response) -> None:
        """Remember an answer."""
        self._answers[key] = asked, made
        while len(self._answers) > MOST_REMEMBERED:
            self._answers.popitem(last=False)


@dataclass(slots=True)
class KeptAnswers:
    """Answers by address and version; one that several ask for at once is made once."""

    _answers: OrderedDict[tuple[str, str], Response] = field(default_factory=OrderedDict)
    _making: Lock = field(default_factory=Lock)

    def answer(self, key: tuple[str, str], make: Callable[[], Response]) -> Response:
        """The answer that was given before, or a new one."""
        with self._making:
            if key not in self._answers:
                self._answers[key] = make()
            self._answers.move_to_end(key)
            while len(self._answers) > MOST_KEPT:
                self._answers.popitem(last=False)
            return self._answers[key]
