"""What weighs most of a sample, in tables of its own: the only ones that lie on other machines where Citus is used.

There no foreign key can hold their rows to a sample. So whoever deletes samples deletes these rows first, everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, select

from identity.core.types import GalleryRecord
from identity.store import tables as t
from identity.store.reembedding_tables import reembedded

TABLES = (t.vector, t.crop, reembedded)
KEY = "sample_id"


def delete_of_samples(connection: Connection, samples: Sequence[int]) -> None:
    """Delete what there is of these samples, no more of them than one statement takes."""
    for table in TABLES:
        connection.execute(delete(table).where(table.c.sample_id.in_(samples)))


def delete_with_gallery(connection: Connection, gallery: GalleryRecord) -> None:
    """Delete a gallery with all that is its own."""
    mine = select(t.sample.c.id).where(t.sample.c.gallery_id == gallery.id)
    for table in TABLES:
        connection.execute(delete(table).where(table.c.sample_id.in_(mine)))
    connection.execute(delete(t.gallery).where(t.gallery.c.id == gallery.id))
