"""Answers to decisions, kept for whoever did not receive them and asks again.

They are kept in memory: after a new start, `If-Match` alone keeps a decision from being made twice.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

from fastapi import Response

from identity.web.messages import RefusedError

MOST_REMEMBERED = 1000


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
