"""Looks for what no command notices by itself: rows whose bytes changed on the disk since they were written."""

from __future__ import annotations

import zlib

from sqlalchemy import select

from identity.core.types import GalleryRecord
from identity.store import tables as t
from identity.store.transactions import Transactions

PORTION = 20_000  # vectors held at once


def damaged_vectors(transactions: Transactions, gallery: GalleryRecord) -> list[int]:
    """Samples of any role whose vector is missing, of another length, or not what its crc32 says."""
    c, found, last = t.sample.c, list[int](), 0
    with transactions.read() as connection:
        while True:
            asked = c.gallery_id == gallery.id, c.id > last
            ids = connection.execute(select(c.id).where(*asked).order_by(c.id).limit(PORTION)).scalars().all()
            if not ids:
                return found
            last = ids[-1]
            held = select(*t.vector.c).join_from(t.vector, t.sample).where(*asked, c.id <= last)
            sound = {id_ for id_, *vector in connection.execute(held) if _is_sound(*vector, length=4 * gallery.dim)}
            found += [id_ for id_ in ids if id_ not in sound]


def _is_sound(vector: bytes, crc: int, *, length: int) -> bool:
    return len(vector) == length and zlib.crc32(vector) == crc
