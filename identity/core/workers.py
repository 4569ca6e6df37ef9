"""Work on other machines, or in other processes of this one, as the workflows ask for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

R_co = TypeVar("R_co", covariant=True)
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person wants work done; `send_images`: workers do not see the files, and get their bytes."""

    address: str
    send_images: bool = False


class Task(Protocol[R_co]):
    """Work that was begun. Whoever does it may be killed: then another does it again."""

    def result(self) -> R_co:
        """What came of it, waited for.

        Raises what the work raised, `KilledWorkersError` where it killed one worker after the other, and
        `WorkersError` where nobody is left to do it.
        """
        ...


class Workers(Protocol):
    """Those who do work elsewhere; they may come and go. Several threads may ask."""

    def slots(self) -> int:
        """How much is done at once, by all of them."""
        ...

    def names(self) -> list[str]:
        """Who is there now."""
        ...

    def require_somebody(self, at: str | None) -> None:
        """Wait a while for anybody. Raises `WorkersError` without; `KilledWorkersError` where `at` is gone."""
        ...

    def begin(
        self, work: Callable[..., R], *given: Any, urgent: bool = False, at: str | None = None
    ) -> Task[R]:
        """Begin a function of a module that the workers have too; a task among `given` stands for its result.

        `urgent` work goes before other; `at` names the only worker that may do it.
        """
        ...
