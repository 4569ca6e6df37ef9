"""The tables that keep promises: seals over a gallery's rows, and removals whose bytes are not out of every file yet.

A seal is a sum over the hashes of rows; `store.seals` keeps it. A removal is written down in the transaction that
deletes the rows and struck out when no file holds the bytes any more; a program killed between leaves it for the next.
"""

from __future__ import annotations

from sqlalchemy import Column, Table, Text

from identity.store.tables import Id, metadata, of_gallery

seal = Table(
    "seal",
    metadata,
    of_gallery(primary_key=True),
    Column("part", Text, primary_key=True, nullable=False),  # samples, thresholds or clusters
    Column("digest", Text, nullable=False),  # 32 hex digits
)

removal = Table(
    "removal",
    metadata,
    Column("id", Id, primary_key=True),
    Column("gallery_uuid", Text, nullable=False),  # names its index files; the gallery itself may be gone
    Column("removed_at", Text, nullable=False),
    sqlite_autoincrement=True,
)
