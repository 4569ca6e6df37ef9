"""What the shared SQL of the store asks of a database: transactions, and a few acts on the whole of it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import ColumnElement, Connection

from identity.core.errors import StoreError
from identity.core.types import GalleryRecord

if TYPE_CHECKING:
    from identity.core.sharding import ShardReport


class Transactions(Protocol):
    """Gives out transactions. One object may serve several threads."""

    def read(self, *, once: bool = False) -> AbstractContextManager[Connection]:
        """A read transaction: everything read through it is from one moment; with `once` that is one statement."""
        ...

    def write(self, gallery: GalleryRecord | None = None) -> AbstractContextManager[Connection]:
        """A write transaction: committed whole at the end, or not at all; it never fails for want of a lock midway.

        While it lasts, nobody else writes to rows of this gallery; without one, no other such transaction is under way.
        """
        ...

    def get_ready(self) -> None:
        """Let what must come before the first write happen now, where it has not; each write does so by itself."""
        ...

    def product(self, connection: Connection, probe: bytes, *, dim: int) -> ColumnElement[float] | None:
        """SQL for x.y of the column of vectors and a probe, summed in float32; None where SQL cannot reckon it.

        It is NULL for vectors of another dimension.
        """
        ...

    def erase_deleted(self) -> None:
        """Leave nothing of what was deleted in any file of the database. Raises `StoreError` where it cannot now."""
        ...


class SqlDatabase(Transactions, Protocol):
    """An opened database, its schema up to date: what a second one has to bring."""

    how_to_restore: str  # what brings the last backup of it back, in words
    why_not_written: StoreError | None  # None: it can be
    before_writing: Callable[[], None] | None  # called once, before the first transaction that writes

    @property
    def location(self) -> str:
        """Where it lies, as people write it; never a password."""
        ...

    def problems(self) -> list[str]:
        """What the database itself finds damaged, and rows that refer to nothing."""
        ...

    def shard(self, *, shards: int | None = None) -> ShardReport:
        """Distribute what is large over several machines, in `shards` pieces. Raises `UsageError` where it cannot."""
        ...

    def backup(self, path: Path) -> None:
        """Write all of it, as it is at this moment, to `path`; only a backup there is replaced."""
        ...

    def close(self) -> None:
        """Give it back."""
        ...
