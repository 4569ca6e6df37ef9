"""Copies all rows of one database into another: from one moment of the source, in portions, to be gone on with.

An interrupted copy is gone on with where the source still holds the rows that it brought; their hashes say so. What
arrived is read again at the end and compared with what left, row by row, and only then is the target a database that
other commands open.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass

from sqlalchemy import Connection, insert
from sqlalchemy.exc import DataError, IntegrityError

from identity.core.database_copy import DatabaseCopyReport, OnRows, unwatched
from identity.core.errors import StoreError, UsageError
from identity.core.watching import Say, nobody
from identity.store import restored
from identity.store.database_copy import places, progress, streaming, tables
from identity.store.database_copy.numbering import last_ids, put_last_ids
from identity.store.database_copy.progress import CopyProgress, TableProgress
from identity.store.transactions import SqlDatabase

_REFUSED = (IntegrityError, DataError, struct.error)  # what rows that nobody wrote end in


def copy_database(
    source: str, target: str, *, command: str = "identity", on_rows: OnRows = unwatched, say: Say = nobody
) -> DatabaseCopyReport:
    """Copy the database at the address `source` into the one at `target`, which has to hold no gallery.

    Raises `UsageError` where the target is the source or holds something else than an unfinished copy of it,
    `NotFoundError` where there is no source, `StoreError` where a place cannot be used, the source has another schema,
    or a row is damaged or not to be kept by the target; all but damage before anything is written.
    """
    places.require_two(source, target)
    with closing(places.open_source(source, command=command)) as origin, origin.read() as reading:
        places.require_acceptable(reading, target, place=origin.location, command=command)
        with closing(places.open_target(target, origin.location, command=command)) as written:
            return _Copy(reading, origin.location, written, on_rows).made(say)


@dataclass(frozen=True, slots=True)
class _Copy:
    """A copy under way: a read transaction of the source, where that lies, the target, and who watches."""

    reading: Connection
    source: str
    target: SqlDatabase
    on_rows: OnRows

    def made(self, say: Say) -> DatabaseCopyReport:
        """Everything, to the end."""
        found = self._progress()
        started_over = found.rows > 0 and not self._is_prefix(found)
        if started_over:
            self._start_over(found)
            say(f"{self.source} has changed since the copy was interrupted: it is copied anew from the beginning")
            found = self._progress()
        self._erase_what_was(found)
        there = self._copy_rows(found)
        self._compare(there)
        self._finish()
        rows = {name: table.rows for name, table in there.items()}
        return DatabaseCopyReport(self.source, self.target.location, rows, found.rows, started_over)

    def _progress(self) -> CopyProgress:
        with self.target.read() as connection:
            return progress.read(connection)

    def _is_prefix(self, found: CopyProgress) -> bool:
        """Whether the source begins, table by table, with the rows that are here."""
        seen = 0
        for table in tables.copied_tables():
            there, here = found.tables[table.name], TableProgress()
            if not there.rows:
                continue
            for rows in streaming.portions(self.reading, table, self.source, until=there.last_key):
                here = streaming.advanced(table, here, rows)
                seen += len(rows)
                self.on_rows("comparing", seen, found.rows)
            if (here.rows, here.tally) != (there.rows, there.tally):
                return False
        return True

    def _start_over(self, found: CopyProgress) -> None:
        if found.source != self.source:
            raise UsageError(
                f"{self.target.location} holds an unfinished copy of {found.source}, not of {self.source}: "
                "copy from there again, or remove it"
            )
        with self.target.write() as connection:
            places.begin(connection, self.source, to_erase=True)

    def _erase_what_was(self, found: CopyProgress) -> None:
        if found.to_erase:
            self.target.erase_deleted()
            with self.target.write() as connection:
                progress.note_erased(connection)

    def _copy_rows(self, found: CopyProgress) -> dict[str, TableProgress]:
        """Bring the rows that are not here yet; how far each table is then, which is to its end."""
        total = sum(streaming.count(self.reading, table) for table in tables.copied_tables())
        here, done = dict(found.tables), found.rows
        for table in tables.copied_tables():
            names = [column.name for column in table.columns]
            for rows in streaming.portions(self.reading, table, self.source, after=here[table.name].last_key):
                after = streaming.advanced(table, here[table.name], rows)
                with self.target.write() as connection:
                    progress.advance(connection, table.name, here[table.name], after)
                    try:
                        connection.execute(insert(table), [dict(zip(names, row, strict=True)) for row in rows])
                    except _REFUSED as error:
                        raise self._not_taken(table.name, error) from error
                here[table.name], done = after, done + len(rows)
                self.on_rows("copying", done, total)
        return here

    def _not_taken(self, name: str, error: Exception) -> StoreError:
        cause = str(getattr(error, "orig", None) or error).partition("\n")[0]
        return StoreError(
            f"{self.target.location} does not take rows of table '{name}' ({cause}): run 'identity doctor' with "
            f"{self.source}"
        )

    def _compare(self, expected: Mapping[str, TableProgress]) -> None:
        """Read everything that is here. Raises `StoreError` where it is not what was read from the source."""
        total, seen = sum(table.rows for table in expected.values()), 0
        with self.target.read() as connection:
            for table in tables.copied_tables():
                here = TableProgress()
                for rows in streaming.portions(connection, table, self.target.location):
                    here = streaming.advanced(table, here, rows)
                    seen += len(rows)
                    self.on_rows("verifying", seen, total)
                there = expected[table.name]
                if (here.rows, here.tally) != (there.rows, there.tally):
                    raise StoreError(
                        f"table '{table.name}' of {self.target.location} is not what was copied, somebody wrote to it "
                        "or its disk is at fault: remove this database, then copy again"
                    )

    def _finish(self) -> None:
        numbered = tables.numbered_tables()
        counters, given = restored.counters(self.reading), last_ids(self.reading, numbered)
        with self.target.write() as connection:
            own = last_ids(connection, numbered)
            put_last_ids(connection, {name: max(last, own[name]) for name, last in given.items()})
            restored.put_counters(connection, counters)
            progress.finish(connection)
