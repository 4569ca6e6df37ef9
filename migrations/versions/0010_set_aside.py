"""Samples that people set aside as not interesting, and which decision did it. Nothing is set aside yet."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "set_aside",
        sa.Column("sample_id", ID, autoincrement=False, nullable=False),
        sa.Column("decided_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sample_id", name="pk_set_aside"),
        sa.ForeignKeyConstraint(["sample_id"], ["sample.id"], name="fk_set_aside_sample_id", ondelete="CASCADE"),
    )
    op.create_table(
        "decision_aside",
        sa.Column("decision_id", ID, autoincrement=False, nullable=False),
        sa.Column("sample_id", ID, autoincrement=False, nullable=False),
        sa.Column("set_at", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("decision_id", "sample_id", name="pk_decision_aside"),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decision.id"], name="fk_decision_aside_decision_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["sample_id"], ["sample.id"], name="fk_decision_aside_sample_id", ondelete="CASCADE"),
    )
    op.create_index("ix_decision_aside_sample_id", "decision_aside", ["sample_id"])
