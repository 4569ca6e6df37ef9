"""Opens the one database and gives out its transactions: `read()` sees one moment, `write()` is all or nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from identity.core.errors import StoreBusyError, StoreError, UsageError
from identity.store.sqlite import engine as sqlite
from identity.store.sqlite import migration
from identity.store.sqlite.driver_errors import translate_driver_errors
from identity.store.sqlite.writer_note import WriterNote


class Database:
    """An opened database, its schema up to date. One object may serve several threads."""

    def __init__(self, engine: Engine, *, path: Path, note: WriterNote) -> None:
        self.path = path
        self._engine = engine
        self._note = note

    @classmethod
    def open(cls, url: str, *, timeout_s: float = 10.0, command: str = "identity") -> Database:
        """Open `sqlite:///PATH`, creating or upgrading it where needed; `command` is how others see this writer.

        Raises `UsageError` for a URL of another kind, `StoreError` where the file cannot be used,
        `StoreBusyError` where another program writes for longer than `timeout_s`.
        """
        path = path_of(url)
        note = WriterNote(path.with_name(path.name + ".writer"), command)
        sqlite.create_file(path)
        with translate_driver_errors(path, holder=note.holder), _wrapped():
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
    def read(self) -> Iterator[Connection]:
        """A read transaction: everything read through it is from one moment."""
        translated = translate_driver_errors(self.path, holder=self._note.holder)
        with translated, self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A write transaction, the lock taken first: committed whole at the end, or not at all."""
        with translate_driver_errors(self.path, holder=self._note.holder), self._engine.connect() as connection:
            connection.execution_options(**{sqlite.WRITES: True})
            with connection.begin():
                self._note.put()
                try:
                    yield connection
                finally:
                    self._note.drop()

    def sweep(self) -> None:
        """Leave nothing of what was deleted in any file of the database.

        Raises `StoreError` where it cannot be done now; what was deleted stays deleted all the same.
        """
        try:
            with translate_driver_errors(self.path, holder=self._note.holder), _wrapped():
                swept = sqlite.sweep(self._engine)
        except StoreError as error:
            raise type(error)(f"removed, but the bytes stay in the file until the next removal: {error}") from error
        if not swept:
            raise StoreBusyError(f"removed, but a busy reader keeps the bytes in {self.path} until the next removal")

    def close(self) -> None:
        """Give the file back."""
        self._engine.dispose()


def path_of(url: str) -> Path:
    """The file a database URL names. Raises `UsageError` for any other kind of URL."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise UsageError(f"'{url}' is no database URL: write sqlite:////absolute/path/identity.db") from error
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        raise UsageError(f"'{url}' names no SQLite file: write sqlite:////absolute/path/identity.db")
    return Path(str(parsed.database)).expanduser().absolute()


@contextmanager
def _wrapped() -> Iterator[None]:
    """The driver's own errors, as those that come through SQLAlchemy look."""
    try:
        yield
    except sqlite3.Error as error:
        raise DBAPIError("", None, error) from error
