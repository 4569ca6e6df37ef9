"""Thresholds for people: the points a calibration from the gallery's own pairs chose, with their intervals."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _columns(kind: sa.types.TypeEngine[object], *names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, kind, nullable=False) for name in names]


def upgrade() -> None:
    op.create_table(
        "people_threshold",
        sa.Column("gallery_id", ID, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        *_columns(sa.Float(), "target", "threshold", "rate", "low", "high"),
        *_columns(ID, "n", "people"),
        *_columns(sa.Boolean(), "enough", "published"),
        *_columns(ID, "last_sample"),
        sa.PrimaryKeyConstraint("gallery_id", "purpose", name="pk_people_threshold"),
        sa.ForeignKeyConstraint(
            ["gallery_id"], ["calibration.gallery_id"], name="fk_people_threshold_gallery_id", ondelete="CASCADE"
        ),
    )
