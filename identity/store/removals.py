"""Removals that are written down until no file holds the bytes: in the transaction that deletes, struck out at the end.

Whoever is killed between, or meets a reader that holds on to the log, leaves the note to the next who opens the store.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert, select

from identity.core.types import GalleryRecord
from identity.store.integrity_tables import removal
from identity.store.rows import now


def note(connection: Connection, gallery: GalleryRecord) -> None:
    """Write down that bytes of this gallery are to be erased from every file."""
    connection.execute(insert(removal).values(gallery_uuid=gallery.uuid, removed_at=now()))


def unfinished(connection: Connection) -> dict[int, str]:
    """The notes: the gallery's uuid by the note's id."""
    return dict(connection.execute(select(removal.c.id, removal.c.gallery_uuid).order_by(removal.c.id)).all())


def strike_out(connection: Connection, ids: Sequence[int]) -> None:
    """These are finished."""
    connection.execute(delete(removal).where(removal.c.id.in_(ids)))
