"""What enrolment measures of faces, and the quality that runs asked of cores. What is there already has neither."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "quality",
        sa.Column("sample_id", ID, autoincrement=False, nullable=False),
        sa.Column("eyes_px", sa.Float(), nullable=False),
        sa.Column("sharpness", sa.Float(), nullable=False),
        sa.Column("frontal", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("sample_id", name="pk_quality"),
        sa.ForeignKeyConstraint(["sample_id"], ["sample.id"], name="fk_quality_sample_id", ondelete="CASCADE"),
    )
    op.create_table(
        "core_quality",
        sa.Column("run_id", ID, autoincrement=False, nullable=False),
        sa.Column("min_quality", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", name="pk_core_quality"),
        sa.ForeignKeyConstraint(["run_id"], ["cluster_run.id"], name="fk_core_quality_run_id", ondelete="CASCADE"),
    )
