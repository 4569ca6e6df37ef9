"""What a restored store must not believe any more: that its index files are there, and that nobody saw another state.

An opened gallery compares change counters. Those of a backup are smaller than what other programs have seen, and
would meet them again; they start anew beyond every number that was ever counted to.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from sqlalchemy import Connection, delete, select, update

from identity.core.types import GalleryRecord
from identity.store import shipped
from identity.store import tables as t
from identity.store.galleries import GALLERY_COLUMNS

_LEAP = 1 << 40  # never met by counting; a number that JSON keeps even after thousands of restores


def begin_anew(connection: Connection) -> None:
    """Forget the snapshots and let every gallery's change counter leap."""
    put_counters(connection, counters(connection))
    connection.execute(delete(t.snapshot))
    connection.execute(delete(t.superseded))


def counters(connection: Connection) -> dict[int, int]:
    """The change counter from which each gallery, by its id, goes on in another place."""
    galleries = [GalleryRecord(*row) for row in connection.execute(select(*GALLERY_COLUMNS))]
    return {gallery.id: _counter(connection, gallery) for gallery in galleries}


def put_counters(connection: Connection, counters: Mapping[int, int]) -> None:
    """Let galleries, by their id, go on from these counters."""
    for id_, changes in counters.items():
        connection.execute(update(t.gallery).where(t.gallery.c.id == id_).values(changes=changes))


def _counter(connection: Connection, gallery: GalleryRecord) -> int:
    if shipped.is_as_installed(connection, gallery):  # its next version may still replace it
        return shipped.INSTALLED_CHANGES
    return gallery.changes + 1 + secrets.randbelow(_LEAP)
