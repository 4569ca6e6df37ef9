"""Opens the one database and gives out its transactions: `read()` sees one moment, `write()` is all or nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from identity.core import unfinished
from identity.core.durable import require_plain
from identity.core.errors import NotFoundError, StoreBusyError, StoreError, UsageError
from identity.core.types import GalleryRecord
from identity.store import schema
from identity.store.damaged_values import translate_damaged_values
from identity.store.sqlite import engine as sqlite
from identity.store.sqlite import migration
from identity.store.sqlite.address import path_of
from identity.store.sqlite.driver_errors import translate_driver_errors
from identity.store.sqlite.writer_note import WriterNote

if TYPE_CHECKING:
    from identity.core.sharding import ShardReport

_LATER = "and the next command that writes erases them"


class Database:
    """An opened database, its schema up to date. One object may serve several threads."""

    how_to_restore = "restore a backup with 'identity restore FILE'"

    def __init__(self, engine: Engine, *, path: Path, note: WriterNote, why_not: StoreError | None = None) -> None:
        self.path = path
        self.why_not_written = why_not  # None: it can be
        self.before_writing: Callable[[], None] | None = None  # called once, before the first transaction that writes
        self._engine = engine
        self._note = note

    @classmethod
    def open(cls, url: str, *, timeout_s: float = 10.0, command: str = "identity") -> Database:
        """Open `sqlite:///PATH`, creating or upgrading it where needed; `command` is how others see this writer.

        One that cannot be written is opened for reading. Raises `UsageError` for a URL of another kind, `StoreError`
        where the file cannot be used, `StoreBusyError` where another program writes for longer than `timeout_s`.
        """
        path = path_of(url)
        note = WriterNote(path.with_name(path.name + ".writer"), command)
        try:
            return cls._open_to_write(path, note, timeout_s=timeout_s)
        except StoreBusyError:
            raise
        except StoreError as error:
            engine = None
            if error.__cause__ is not None:  # the disk's or SQLite's refusal, not one of this program's own
                from identity.store.sqlite import read_only

                engine = read_only.engine(path, timeout_s=timeout_s)
            if engine is None:
                raise
            return cls(engine, path=path, note=note, why_not=error)

    @classmethod
    def open_as_found(
        cls, url: str, *, timeout_s: float = 10.0, command: str = "identity"
    ) -> tuple[Database, str | None]:
        """Open `sqlite:///PATH` as it is, with the schema's revision, if any. `NotFoundError` without a file there."""
        path = path_of(url)
        if not path.is_file():
            raise NotFoundError(f"there is no database {path}: check the address")
        note = WriterNote(path.with_name(path.name + ".writer"), command)
        opened = cls(sqlite.engine(path, timeout_s=timeout_s), path=path, note=note)
        try:
            with opened.read() as connection:
                return opened, migration.revision(connection)
        except StoreError as error:
            from identity.store.sqlite import read_only

            opened.close()
            engine = read_only.engine(path, timeout_s=timeout_s)
            if engine is None:
                raise
            return cls(engine, path=path, note=note, why_not=error), schema.REVISION

    @classmethod
    def _open_to_write(cls, path: Path, note: WriterNote, *, timeout_s: float) -> Database:
        sqlite.create_file(path)
        unfinished.sweep(path)  # what a killed restore left
        with translate_driver_errors(path, holder=note.holder), _wrap_driver_errors():
            sqlite.prepare(path, timeout_s=timeout_s)
        database = cls(sqlite.engine(path, timeout_s=timeout_s), path=path, note=note)
        try:
            with translate_driver_errors(path, holder=note.holder):
                migration.bring_up_to_date(path, database._engine, timeout_s=timeout_s)
        except BaseException:
            database.close()
            raise
        return database

    @contextmanager
    def read(self, *, once: bool = False) -> Iterator[Connection]:  # noqa: ARG002 (a transaction costs nothing here)
        """A read transaction: everything read through it is from one moment."""
        translated = translate_driver_errors(self.path, holder=self._note.holder)
        damaged = translate_damaged_values(self.path)
        with translated, self._engine.connect() as connection, connection.begin(), damaged:
            yield connection

    @contextmanager
    def write(self, gallery: GalleryRecord | None = None) -> Iterator[Connection]:  # noqa: ARG002 (there is one lock)
        """A write transaction, the lock taken first: committed whole at the end, or not at all."""
        if self.why_not_written is not None:
            raise self.why_not_written
        self.get_ready()
        with translate_driver_errors(self.path, holder=self._note.holder), self._engine.connect() as connection:
            connection.execution_options(**{sqlite.WRITES: True})
            with connection.begin():
                self._note.put()
                try:
                    yield connection
                finally:
                    self._note.drop()

    def get_ready(self) -> None:
        """Let what must come before the first write happen now, where it has not."""
        if self.why_not_written is not None:
            return
        before, self.before_writing = self.before_writing, None
        if before is not None:
            before()

    def product(self, _connection: Connection, _probe: bytes, *, dim: int) -> None:
        """Not reckoned in SQL here."""

    def erase_deleted(self) -> None:
        """Leave nothing of what was deleted in any file of the database.

        Raises `StoreError` where it cannot be done now; what was deleted stays deleted all the same.
        """
        from identity.store.sqlite import forgetting  # a query needs none of it

        try:
            with translate_driver_errors(self.path, holder=self._note.holder), _wrap_driver_errors():
                erased = forgetting.erase_deleted(self._engine, self.path)
        except StoreError as error:
            raise type(error)(f"removed, but the bytes are still in {self.path}, {_LATER}: {error}") from error
        if not erased:
            raise StoreBusyError(
                f"removed, but the bytes are still in {self.path} because another program is reading it, {_LATER}: "
                "wait until that program is done, then run 'identity doctor'"
            )

    @property
    def location(self) -> str:
        """The file."""
        return str(self.path)

    def problems(self) -> list[str]:
        """What SQLite itself finds wrong with its file, and rows that refer to nothing."""
        from identity.store.sqlite import integrity

        with self.read() as connection:
            return integrity.problems(connection)

    def shard(self, *, shards: int | None = None) -> ShardReport:  # noqa: ARG002 (others can)
        """Not done here: raises `UsageError` that says what can be."""
        raise UsageError(
            f"{self.location} is one file of SQLite, which has no shards: give --database postgresql://user@host/name"
        )

    def backup(self, path: Path) -> None:
        """Write a copy of the database, as it is at this moment, to `path`; only a backup there is replaced.

        It is on the disk on return. Raises `UsageError` where `path` is a link, no file, or a database in use,
        `StoreError` where the copy cannot be written; what `path` held before is then untouched.
        """
        from identity.store.sqlite import copying
        from identity.store.sqlite.backup_file import require_replaceable

        require_plain(path)
        if path.exists():
            require_replaceable(path, database=self.path)
        copying.copy(self.path, path)

    def close(self) -> None:
        """Give the file back."""
        self._engine.dispose()


@contextmanager
def _wrap_driver_errors() -> Iterator[None]:
    """The driver's own errors, as those that come through SQLAlchemy look."""
    try:
        yield
    except sqlite3.Error as error:
        raise DBAPIError("", None, error) from error
