"""What every answer starts from: the home, its galleries opened once, and what the server was started with."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Lock
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request

from identity.web.jobs import Jobs
from identity.web.meter import Meter
from identity.web.remembered import KeptAnswers, Remembered

if TYPE_CHECKING:
    from identity.gallery import Gallery
    from identity.home import Home

MOST_NOTES = 200
Facts = tuple[str, str]  # a gallery's uuid and space: another one of the same name has others


@dataclass(slots=True)
class Service:
    """One for the server. Galleries serve several threads; a lock for each lets one decision follow the other."""

    home: Home
    jobs: Jobs
    folders: tuple[Path, ...] = ()  # what lies below may be enrolled by its path
    meter: Meter = field(default_factory=Meter)
    remembered: Remembered = field(default_factory=Remembered)
    kept: KeptAnswers = field(default_factory=KeptAnswers)
    stopping: Event = field(default_factory=Event)
    _open: dict[str, tuple[Facts, Gallery]] = field(default_factory=dict)
    _deciding: defaultdict[str, Lock] = field(default_factory=lambda: defaultdict(Lock))
    _made_here: dict[str, deque[tuple[int, str]]] = field(default_factory=dict)
    _opening: Lock = field(default_factory=Lock)

    def gallery(self, name: str) -> Gallery:
        """The gallery, with network and index as the last answer left them. Raises `NotFoundError`."""
        record = self.home.store.galleries.get(name)
        facts = record.uuid, record.space
        with self._opening:
            if name not in self._open or self._open[name][0] != facts:
                self._open[name] = facts, self.home.open_gallery(name)
            return self._open[name][1]

    def forget(self, name: str) -> None:
        """A gallery is no more: neither what was loaded for it nor what was said of it is kept."""
        with self._opening:
            self._open.pop(name, None)
            self._made_here.pop(name, None)
        self.jobs.forget_names(name)

    def deciding(self, name: str) -> Lock:
        """Held while a decision about a gallery is compared with its state and written."""
        with self._opening:
            return self._deciding[name]

    def made_here(self, name: str) -> deque[tuple[int, str]]:
        """The latest decisions about a gallery: its change counter after each, and a note of what it was."""
        with self._opening:
            return self._made_here.setdefault(name, deque(maxlen=MOST_NOTES))

    def close(self) -> None:
        """Let nothing begin any more, and what is under way end at its next seam."""
        self.stopping.set()
        self.jobs.close()


async def service_of(request: Request) -> Service:
    """The server's one."""
    found: Service = request.app.state.service
    return found


Here = Annotated[Service, Depends(service_of)]
