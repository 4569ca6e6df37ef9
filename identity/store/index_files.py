"""Which index files the database vouches for: one of each home that searches a gallery, by the token in its footer."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from identity.core.errors import SpaceMismatchError
from identity.core.search_state import NAME, Snapshot, most_outside
from identity.core.types import GalleryRecord, Role
from identity.store import tables as t
from identity.store.rows import count_change
from identity.store.search_state import rows_in_force, superseded_ids
from identity.store.transactions import Transactions


class SqlIndexFiles:
    """`core.ports.IndexFiles` over a database."""

    def __init__(self, transactions: Transactions, gallery: GalleryRecord) -> None:
        self._transactions = transactions
        self._gallery = gallery

    def in_force(self) -> set[str]:
        """The names of all files in force, whichever home they lie in."""
        with self._transactions.read() as connection:
            return {row.token[:NAME] for row in rows_in_force(connection, self._gallery)}

    def withdraw(self, names: Collection[str] | None = None) -> None:
        """Put the files of these names out of force, or all of them (None)."""
        with self._transactions.write(self._gallery) as connection:
            rows = rows_in_force(connection, self._gallery)
            gone = [row.token for row in rows if names is None or row.token[:NAME] in names]
            if gone:
                count_change(connection, self._gallery)
            connection.execute(delete(t.snapshot).where(t.snapshot.c.token.in_(gone)))

    def publish(self, snapshot: Snapshot, *, changes: int, replacing: Collection[str] | None = None) -> None:
        """Put a snapshot file in force, read at `changes`, in place of those of these names, or of all (None).

        Raises `SpaceMismatchError` where it is of another gallery, space or dimension.
        """
        with self._transactions.write(self._gallery) as connection:
            publish(connection, self._gallery, snapshot, changes=changes, replacing=replacing)


def publish(
    connection: Connection,
    gallery: GalleryRecord,
    snapshot: Snapshot,
    *,
    changes: int,
    replacing: Collection[str] | None,
) -> None:
    """Put a snapshot in force in place of older ones of some names, or of all (None), and forget what nobody needs now.

    One that was read before the newest of any home is ignored: what it misses may no longer be written down. Of other
    homes, those that are outgrown go too; what changed after the oldest that is left was read stays written down.
    """
    _require_ours(gallery, snapshot)
    count_change(connection, gallery)
    others = rows_in_force(connection, gallery)
    older = [row for row in others if row.changes <= changes]
    gone = [row for row in older if _is_done_with(connection, gallery, row, replacing)]
    connection.execute(delete(t.snapshot).where(t.snapshot.c.token.in_([row.token for row in gone])))
    if len(older) < len(others):
        return
    connection.execute(
        insert(t.snapshot).values(
            gallery_id=gallery.id,
            token=snapshot.token,
            space=snapshot.space,
            last_id=snapshot.last_id,
            dim=snapshot.dim,
            length=snapshot.length,
            changes=changes,
        )
    )
    oldest = min([changes, *(row.changes for row in others if row not in gone)])
    done = t.superseded.c.gallery_id == gallery.id, t.superseded.c.change <= oldest
    connection.execute(delete(t.superseded).where(*done))


def _is_done_with(
    connection: Connection, gallery: GalleryRecord, row: Row[Any], replacing: Collection[str] | None
) -> bool:
    """Whether a snapshot is replaced, or so outgrown that whoever has it would write it anew."""
    if replacing is None or row.token[:NAME] in replacing:
        return True
    most = most_outside(row.length)
    since = t.sample.c.gallery_id == gallery.id, t.sample.c.role == Role.GALLERY.value, t.sample.c.id > row.last_id
    came = select(t.sample.c.id).where(*since).limit(most + 1)
    outside = [*connection.execute(superseded_ids(gallery, row)), *connection.execute(came)]
    return len(outside) > most


def _require_ours(gallery: GalleryRecord, snapshot: Snapshot) -> None:
    if (snapshot.gallery, snapshot.space, snapshot.dim) != (gallery.uuid, gallery.space, gallery.dim):
        raise SpaceMismatchError(
            f"the index file was not built from gallery '{gallery.name}': run 'identity doctor --rebuild'"
        )
