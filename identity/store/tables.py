"""The tables of the store: what the one truth consists of, in SQL that SQLite and PostgreSQL both speak.

Vectors and crops have tables of their own, so that listing samples never reads them and another engine can keep
them elsewhere. Ids are never used twice: a snapshot that still speaks of a removed sample cannot mean a new one.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from identity.store.packed_vector import PackedVector

Packed = LargeBinary().with_variant(PackedVector(), "postgresql")  # (dim,) float32, little endian
Id = BigInteger().with_variant(Integer(), "sqlite")  # SQLite's AUTOINCREMENT wants the word INTEGER

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def of_gallery(*, primary_key: bool = False) -> Column[int]:
    """The column of a table whose rows go with their gallery."""
    owner = ForeignKey("gallery.id", ondelete="CASCADE")
    return Column("gallery_id", Id, owner, primary_key=primary_key, autoincrement=False, nullable=False)


def of_sample() -> Column[int]:
    """The key of a table whose rows go with their sample."""
    owner = ForeignKey("sample.id", ondelete="CASCADE")
    return Column("sample_id", Id, owner, primary_key=True, autoincrement=False)


gallery = Table(
    "gallery",
    metadata,
    Column("id", Id, primary_key=True),
    Column("uuid", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False, unique=True),
    Column("model", Text, nullable=False),
    Column("detector", Text, nullable=False),
    Column("space", Text, nullable=False),
    Column("dim", Integer, nullable=False),
    Column("changes", Id, nullable=False),
    Column("created_at", Text, nullable=False),  # ISO 8601, UTC, as every time here
    sqlite_autoincrement=True,
)

identity = Table(
    "identity",
    metadata,
    Column("id", Id, primary_key=True),
    of_gallery(),
    Column("name", Text, nullable=False),
    UniqueConstraint("gallery_id", "name"),
    sqlite_autoincrement=True,
)

image = Table(
    "image",
    metadata,
    Column("id", Id, primary_key=True),
    of_gallery(),
    Column("content", LargeBinary(32), nullable=False),  # sha256 of shape and decoded pixels
    Column("source", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("row", Integer),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("skipped", Text),  # why it, or a face in it, gave no sample
    Column("path_bytes", LargeBinary),  # the path's own bytes where they are not UTF-8; `path` shows them escaped
    UniqueConstraint("gallery_id", "content"),
    sqlite_autoincrement=True,
)

sample = Table(
    "sample",
    metadata,
    Column("id", Id, primary_key=True),
    of_gallery(),
    Column("image_id", Id, ForeignKey("image.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("identity_id", Id, ForeignKey("identity.id"), index=True),
    Column("role", Text, nullable=False),
    Column("x1", Integer, nullable=False),
    Column("y1", Integer, nullable=False),
    Column("x2", Integer, nullable=False),
    Column("y2", Integer, nullable=False),
    Column("score", Float, nullable=False),
    Column("created_at", Text, nullable=False),
    Index("ix_sample_gallery_id_role_id", "gallery_id", "role", "id"),
    sqlite_autoincrement=True,
)

vector = Table(
    "vector",
    metadata,
    of_sample(),
    Column("vector", Packed, nullable=False),
    Column("crc32", BigInteger, nullable=False),
)

crop = Table(
    "crop",
    metadata,
    of_sample(),
    Column("image", LargeBinary, nullable=False),  # encoded, as it was given
)

quality = Table(  # what was measured of faces; samples enrolled before that, and those of no face, have no row
    "quality",
    metadata,
    of_sample(),
    Column("eyes_px", Float, nullable=False),
    Column("sharpness", Float, nullable=False),
    Column("frontal", Float, nullable=False),
)

snapshot = Table(  # of each home that searches a gallery, its index file
    "snapshot",
    metadata,
    of_gallery(primary_key=True),
    Column("token", Text, primary_key=True),
    Column("space", Text, nullable=False),
    Column("last_id", Id, nullable=False),
    Column("dim", Integer, nullable=False),
    Column("length", Id, nullable=False),
    Column("changes", Id, nullable=False),  # the gallery's counter when the file's vectors were read
)

superseded = Table(
    "superseded",
    metadata,
    of_gallery(primary_key=True),
    Column("sample_id", Id, primary_key=True, autoincrement=False),
    Column("change", Id, nullable=False),  # the gallery's counter after the removal or relabelling
)

calibration = Table(
    "calibration",
    metadata,
    of_gallery(primary_key=True),
    Column("space", Text, nullable=False),
    Column("metric", Text, nullable=False),
    Column("k", Integer, nullable=False),
    Column("rule", Text, nullable=False),
    Column("facts", Text, nullable=False),  # JSON of what only this rule knows
    Column("ratio", Float, nullable=False),
    Column("created_at", Text, nullable=False),
    Column("last_sample", Id),  # the newest sample that was compared, where the rule's figures depend on it
    Column("pooled_scores", LargeBinary, nullable=False),  # (n,) float32, little endian, ascending
    Column("pooled_threshold", Float, nullable=False),
)

calibration_class = Table(
    "calibration_class",
    metadata,
    Column("identity_id", Id, ForeignKey("identity.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("gallery_id", Id, ForeignKey("calibration.gallery_id", ondelete="CASCADE"), nullable=False, index=True),
    Column("scores", LargeBinary, nullable=False),  # (n,) float32, little endian, ascending
    Column("threshold", Float, nullable=False),
    Column("enough", Boolean, nullable=False),
    Column("stale", Boolean, nullable=False),
)

shipped = Table(  # packed galleries, by version, that this database had at some time: one deleted stays deleted
    "shipped",
    metadata,
    Column("name", Text, primary_key=True),
    Column("installed_at", Text, nullable=False),
)
