"""Snapshots of several homes: each has its own row, by its token. Those in force stay in force."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

NAMES = ("gallery_id", "token", "space", "last_id", "dim", "length", "changes")
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    before = sa.table("snapshot", *map(sa.column, NAMES))
    rows = [dict(row) for row in op.get_bind().execute(sa.select(before)).mappings()]
    op.drop_table("snapshot")
    snapshot = op.create_table(
        "snapshot",
        sa.Column("gallery_id", ID, autoincrement=False, nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("space", sa.Text(), nullable=False),
        sa.Column("last_id", ID, nullable=False),
        sa.Column("dim", sa.Integer(), nullable=False),
        sa.Column("length", ID, nullable=False),
        sa.Column("changes", ID, nullable=False),
        sa.PrimaryKeyConstraint("gallery_id", "token", name="pk_snapshot"),
        sa.ForeignKeyConstraint(["gallery_id"], ["gallery.id"], name="fk_snapshot_gallery_id", ondelete="CASCADE"),
    )
    op.bulk_insert(snapshot, rows)
