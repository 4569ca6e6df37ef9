"""The tables of a re-embedding under way: the space that a gallery will have, and its vectors so far."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, Table, Text

from identity.store.tables import Packed, metadata, of_gallery, of_sample

reembedding = Table(
    "reembedding",
    metadata,
    of_gallery(primary_key=True),
    Column("model", Text, nullable=False),
    Column("detector", Text, nullable=False),
    Column("space", Text, nullable=False),
    Column("dim", Integer, nullable=False),
    Column("started_at", Text, nullable=False),
)

reembedded = Table(
    "reembedded",
    metadata,
    of_sample(),
    Column("vector", Packed, nullable=False),  # of the new space
    Column("crc32", BigInteger, nullable=False),
    Column("made_from", Text, nullable=False),  # crop or file
)
