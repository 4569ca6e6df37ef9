"""The table of files that a sync has read: a memory of what need not be read again, to be lost without loss."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, LargeBinary, Table

from identity.store.tables import Id, metadata, of_gallery

file = Table(
    "file",
    metadata,
    of_gallery(primary_key=True),
    Column("path", LargeBinary, primary_key=True, nullable=False),  # absolute, as the system writes it
    Column("image_id", Id, ForeignKey("image.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("size", BigInteger, nullable=False),  # bytes
    Column("mtime_ns", BigInteger, nullable=False),
)
