"""Opens a PostgreSQL database and gives out its transactions: `read()` sees one moment, `write()` is all or nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import ColumnElement, Connection, Engine
from sqlalchemy.exc import DBAPIError

from identity.core.errors import StoreBusyError, StoreError, UsageError
from identity.core.sharding import ShardReport
from identity.core.stopping import STOPPING
from identity.core.types import GalleryRecord
from identity.store.damaged_values import translate_damaged_values
from identity.store.postgres import driver_errors, migration, ranking
from identity.store.postgres import engine as postgres
from identity.store.postgres.address import address_of, shown
from identity.store.postgres.sessions_at_work import longest_at_work
from identity.store.rows import hold

_LATER = "and the next command that writes erases them"
_AGAIN_S = 0.1


class PostgresDatabase:
    """An opened database, its schema up to date. One object may serve several threads."""

    how_to_restore = "restore a dump with 'pg_restore --clean --if-exists'"

    def __init__(self, sessions: postgres.Sessions) -> None:
        self.location = shown(sessions.address)  # as people write it; never a password
        self.why_not_written: StoreError | None = None
        self.before_writing: Callable[[], None] | None = None  # called once, before the first transaction that writes
        self._askers, self._readers, self._writers = (sessions.engine(use) for use in postgres.Use)
        self._timeout_s = sessions.timeout_s
        self._pgvector: str | None = None  # the schema that it was installed in

    @classmethod
    def open(cls, url: str, *, timeout_s: float = 10.0, command: str = "identity") -> PostgresDatabase:
        """Open `postgresql://...`, creating or upgrading its schema where needed; others see `command` at work.

        A standby is opened for reading. Raises `UsageError` for an address that cannot be read, `StoreError` where
        the database cannot be used, `StoreBusyError` where another program writes for longer than `timeout_s`.
        """
        sessions = postgres.Sessions(address_of(url), timeout_s, command)
        opened = cls(sessions)
        try:
            with opened._translated(driver_errors.LOST):
                opened._bring_up_to_date(sessions.engine(postgres.Use.WRITES))
        except BaseException:
            opened.close()
            raise
        return opened

    def _bring_up_to_date(self, migrating: Engine) -> None:
        try:
            facts = migration.bring_up_to_date(self._readers, migrating)
        finally:
            migrating.dispose()
        self._take_note_of(facts)

    @classmethod
    def open_as_found(
        cls, url: str, *, timeout_s: float = 10.0, command: str = "identity"
    ) -> tuple[PostgresDatabase, str | None]:
        """Open `postgresql://...` as it is, with the schema's revision, None where there is none. Raises as `open`."""
        opened = cls(postgres.Sessions(address_of(url), timeout_s, command))
        try:
            with opened.read() as connection:
                facts, found = migration.as_found(connection)
        except BaseException:
            opened.close()
            raise
        opened._take_note_of(facts)
        return opened, found

    def _take_note_of(self, facts: migration.ServerFacts) -> None:
        if facts.standby:
            self.why_not_written = StoreError(f"{self.location} is a standby, which is only read: write to its primary")

    @contextmanager
    def read(self, *, once: bool = False) -> Iterator[Connection]:
        """A read transaction: everything read through it is from one moment; with `once` that is one statement.

        One statement needs neither BEGIN nor COMMIT, which take as long as it does.
        """
        damaged, readers = translate_damaged_values(self.location), self._askers if once else self._readers
        with self._translated(driver_errors.LOST), self._connected(readers) as connection, connection.begin(), damaged:
            yield connection

    @contextmanager
    def write(self, gallery: GalleryRecord | None = None) -> Iterator[Connection]:
        """A write transaction, its lock taken first: committed whole at the end, or not at all."""
        if self.why_not_written is not None:
            raise self.why_not_written
        self.get_ready()
        with self._translated(driver_errors.LOST), self._connected(self._writers) as connection:
            transaction = connection.begin()
            with transaction:
                if gallery is None:
                    migration.lock_alone(connection)
                else:
                    hold(connection, gallery)
                yield connection
                with self._translated(driver_errors.LOST_AT_COMMIT):
                    transaction.commit()

    def get_ready(self) -> None:
        """Let what must come before the first write happen now, where it has not."""
        if self.why_not_written is not None:
            return
        before, self.before_writing = self.before_writing, None
        if before is not None:
            before()

    def product(self, connection: Connection, probe: bytes, *, dim: int) -> ColumnElement[float]:
        """SQL for x.y of the column of vectors and a probe, by pgvector; NULL for vectors of another dimension."""
        if self._pgvector is None:
            self._pgvector = migration.schema_of_pgvector(connection)
        return ranking.product(probe, dim=dim, pgvector=self._pgvector)

    def erase_deleted(self) -> None:
        """Leave nothing of what was deleted in any file of a table; docs/postgres.md says what logs and copies keep.

        Raises `StoreError` where it cannot be done now; what was deleted stays deleted all the same.
        """
        from identity.store.postgres import forgetting  # a query needs none of it

        try:
            with self._translated(driver_errors.LOST_ERASING), self._connected(self._writers) as connection:
                alone = connection.execution_options(isolation_level="AUTOCOMMIT")
                erased = forgetting.erase_deleted(alone, timeout_s=self._timeout_s)
        except StoreError as error:
            raise type(error)(f"removed, but the bytes are still in {self.location}, {_LATER}: {error}") from error
        if not erased:
            raise StoreBusyError(
                f"removed, but the bytes are still in {self.location}, {_LATER}: {self._holder()} is reading it, "
                "wait until that program is done, then run 'identity doctor'"
            )

    def problems(self) -> list[str]:
        """What the database itself finds damaged, and rows that refer to nothing."""
        from identity.store.postgres import integrity

        with self.read() as connection:
            return integrity.problems(connection)

    def shard(self, *, shards: int | None = None) -> ShardReport:
        """Distribute what is large over the workers of a Citus cluster. Raises `StoreError` where that cannot be."""
        from identity.store.postgres import sharding

        with self.write() as connection:
            return sharding.distribute(connection, shards=shards)

    def backup(self, path: Path) -> None:
        """Not done here: raises `UsageError` that names the server's own tool."""
        raise UsageError(
            f"{self.location} is backed up by its server: run 'pg_dump --format=custom --file={path}' with this "
            "address, or write one gallery with 'identity export bundle'"
        )

    def close(self) -> None:
        """Give the connections back."""
        for engine in (self._askers, self._readers, self._writers):
            engine.dispose()

    @contextmanager
    def _translated(self, lost: str) -> Iterator[None]:
        with driver_errors.translate_driver_errors(self.location, holder=self._holder, lost=lost):
            yield

    @contextmanager
    def _connected(self, engine: Engine) -> Iterator[Connection]:
        """A connection; a server that is being started anew is waited for, for nothing was asked of it yet."""
        deadline_s = time.monotonic() + self._timeout_s
        while True:
            try:
                connection = engine.connect()
                break
            except DBAPIError as error:
                if not driver_errors.is_unreached(error) or time.monotonic() > deadline_s:
                    raise
                STOPPING.check()
                time.sleep(_AGAIN_S)
        with connection:
            yield connection

    def _holder(self) -> str:
        """Who has been writing, or else reading, for longest, in words."""
        with self._readers.connect() as connection:
            return longest_at_work(connection)


