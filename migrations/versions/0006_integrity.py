"""Seals over a gallery's rows, removals that are not finished, vectors of a re-embedding, names that are not UTF-8."""

import sqlalchemy as sa
from alembic import op

from identity.store.tables import Packed

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _key(name: str) -> sa.Column[int]:
    return sa.Column(name, ID, autoincrement=False, nullable=False)


def _column(name: str, kind: sa.types.TypeEngine[object]) -> sa.Column[object]:
    return sa.Column(name, kind, nullable=False)


def _owner(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=f"fk_{table}_{column}", ondelete="CASCADE")


def upgrade() -> None:
    op.add_column("image", sa.Column("path_bytes", sa.LargeBinary(), nullable=True))
    op.create_table(
        "seal",
        _key("gallery_id"),
        _column("part", sa.Text()),
        _column("digest", sa.Text()),
        sa.PrimaryKeyConstraint("gallery_id", "part", name="pk_seal"),
        _owner("seal", "gallery_id", "gallery.id"),
    )
    op.create_table(
        "removal",
        sa.Column("id", ID, nullable=False),
        _column("gallery_uuid", sa.Text()),
        _column("removed_at", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_removal"),
        sqlite_autoincrement=True,
    )
    _create_reembedding()


def _create_reembedding() -> None:
    op.create_table(
        "reembedding",
        _key("gallery_id"),
        _column("model", sa.Text()),
        _column("detector", sa.Text()),
        _column("space", sa.Text()),
        _column("dim", sa.Integer()),
        _column("started_at", sa.Text()),
        sa.PrimaryKeyConstraint("gallery_id", name="pk_reembedding"),
        _owner("reembedding", "gallery_id", "gallery.id"),
    )
    op.create_table(
        "reembedded",
        _key("sample_id"),
        _column("vector", Packed),
        _column("crc32", sa.BigInteger()),
        _column("made_from", sa.Text()),
        sa.PrimaryKeyConstraint("sample_id", name="pk_reembedded"),
        _owner("reembedded", "sample_id", "sample.id"),
    )
