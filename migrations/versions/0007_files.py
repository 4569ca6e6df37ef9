"""Files that a sync has read: their size and time then, and the image that they show."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "file",
        sa.Column("gallery_id", ID, autoincrement=False, nullable=False),
        sa.Column("path", sa.LargeBinary(), nullable=False),
        sa.Column("image_id", ID, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("gallery_id", "path", name="pk_file"),
        sa.ForeignKeyConstraint(["gallery_id"], ["gallery.id"], name="fk_file_gallery_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["image_id"], ["image.id"], name="fk_file_image_id", ondelete="CASCADE"),
    )
    op.create_index("ix_file_image_id", "file", ["image_id"])
