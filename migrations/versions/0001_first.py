"""The first tables: galleries with their images, samples, vectors, crops, snapshot and calibration."""

import sqlalchemy as sa
from alembic import op

from identity.store.tables import Packed

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, ID, nullable=False)


def _key(name: str) -> sa.Column[int]:
    return sa.Column(name, ID, autoincrement=False, nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _integer(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _float(name: str, *, nullable: bool = False) -> sa.Column[float]:
    return sa.Column(name, sa.Float(), nullable=nullable)


def _blob(name: str) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=False)


def _owner(table: str, column: str, target: str, *, ondelete: str | None = "CASCADE") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=f"fk_{table}_{column}", ondelete=ondelete)


def upgrade() -> None:
    _create_galleries()
    _create_images()
    _create_samples()
    _create_vectors()
    _create_search_state()
    _create_calibrations()


def _create_galleries() -> None:
    op.create_table(
        "gallery",
        sa.Column("id", ID, nullable=False),
        _text("uuid"),
        _text("name"),
        _text("model"),
        _text("detector"),
        _text("space"),
        _integer("dim"),
        _number("changes"),
        _text("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_gallery"),
        sa.UniqueConstraint("uuid", name="uq_gallery_uuid"),
        sa.UniqueConstraint("name", name="uq_gallery_name"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "identity",
        sa.Column("id", ID, nullable=False),
        _key("gallery_id"),
        _text("name"),
        sa.PrimaryKeyConstraint("id", name="pk_identity"),
        sa.UniqueConstraint("gallery_id", "name", name="uq_identity_gallery_id_name"),
        _owner("identity", "gallery_id", "gallery.id"),
        sqlite_autoincrement=True,
    )


def _create_images() -> None:
    op.create_table(
        "image",
        sa.Column("id", ID, nullable=False),
        _key("gallery_id"),
        sa.Column("content", sa.LargeBinary(32), nullable=False),
        _text("source"),
        _text("path"),
        sa.Column("row", sa.Integer()),
        _integer("width"),
        _integer("height"),
        sa.Column("skipped", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_image"),
        sa.UniqueConstraint("gallery_id", "content", name="uq_image_gallery_id_content"),
        _owner("image", "gallery_id", "gallery.id"),
        sqlite_autoincrement=True,
    )


def _create_samples() -> None:
    op.create_table(
        "sample",
        sa.Column("id", ID, nullable=False),
        _key("gallery_id"),
        _key("image_id"),
        sa.Column("identity_id", ID),
        _text("role"),
        _integer("x1"),
        _integer("y1"),
        _integer("x2"),
        _integer("y2"),
        _float("score"),
        _text("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_sample"),
        _owner("sample", "gallery_id", "gallery.id"),
        _owner("sample", "image_id", "image.id"),
        _owner("sample", "identity_id", "identity.id", ondelete=None),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_sample_gallery_id_role_id", "sample", ["gallery_id", "role", "id"])
    op.create_index("ix_sample_image_id", "sample", ["image_id"])
    op.create_index("ix_sample_identity_id", "sample", ["identity_id"])


def _create_vectors() -> None:
    op.create_table(
        "vector",
        _key("sample_id"),
        sa.Column("vector", Packed, nullable=False),
        sa.Column("crc32", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sample_id", name="pk_vector"),
        _owner("vector", "sample_id", "sample.id"),
    )
    op.create_table(
        "crop",
        _key("sample_id"),
        _blob("image"),
        sa.PrimaryKeyConstraint("sample_id", name="pk_crop"),
        _owner("crop", "sample_id", "sample.id"),
    )


def _create_search_state() -> None:
    op.create_table(
        "snapshot",
        _key("gallery_id"),
        _text("token"),
        _text("space"),
        _number("last_id"),
        _integer("dim"),
        _number("length"),
        _number("changes"),
        sa.PrimaryKeyConstraint("gallery_id", name="pk_snapshot"),
        _owner("snapshot", "gallery_id", "gallery.id"),
    )
    op.create_table(
        "superseded",
        _key("gallery_id"),
        _key("sample_id"),
        _number("change"),
        sa.PrimaryKeyConstraint("gallery_id", "sample_id", name="pk_superseded"),
        _owner("superseded", "gallery_id", "gallery.id"),
    )


def _create_calibrations() -> None:
    op.create_table(
        "calibration",
        _key("gallery_id"),
        _text("space"),
        _text("metric"),
        _integer("k"),
        _float("alpha"),
        _text("method"),
        _float("ratio"),
        _text("created_at"),
        _float("far_bound", nullable=True),
        _float("fnmr", nullable=True),
        _blob("pooled_scores"),
        _float("pooled_threshold"),
        sa.PrimaryKeyConstraint("gallery_id", name="pk_calibration"),
        _owner("calibration", "gallery_id", "gallery.id"),
    )
    op.create_table(
        "calibration_class",
        _key("identity_id"),
        _key("gallery_id"),
        _blob("scores"),
        _float("threshold"),
        sa.Column("enough", sa.Boolean(), nullable=False),
        sa.Column("stale", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("identity_id", name="pk_calibration_class"),
        _owner("calibration_class", "identity_id", "identity.id"),
        _owner("calibration_class", "gallery_id", "calibration.gallery_id"),
    )
    op.create_index("ix_calibration_class_gallery_id", "calibration_class", ["gallery_id"])
