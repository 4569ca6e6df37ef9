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
    found: list[int] = []
    wanted = (
        select(t.sample.c.id, t.vector.c.vector, t.vector.c.crc32)
        .outerjoin_from(t.sample, t.vector)
        .where(t.sample.c.gallery_id == gallery.id)
        .order_by(t.sample.c.id)
    )
    with transactions.read() as connection:
        for id_, vector, crc in connection.execution_options(yield_per=PORTION).execute(wanted):
            if vector is None or len(vector) != 4 * gallery.dim or zlib.crc32(vector) != crc:
                found.append(int(id_))
    return found
