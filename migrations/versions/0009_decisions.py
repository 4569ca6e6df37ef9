"""What was before each decision of a person, so that it can be taken back. Those made before now stay for ever."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _key(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, ID, autoincrement=False, nullable=nullable)


def _number(name: str, *, nullable: bool = True) -> sa.Column[int]:
    return sa.Column(name, ID, nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _owner(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=f"fk_{table}_{column}", ondelete="CASCADE")


def upgrade() -> None:
    _create_decision()
    _create_decision_sample()
    _create_decision_refusal()
    _create_names()


def _create_decision() -> None:
    op.create_table(
        "decision",
        sa.Column("id", ID, nullable=False),
        _key("gallery_id"),
        _text("made_at"),
        _text("note"),
        _key("run_id", nullable=True),
        _number("refused_from"),
        _number("refused_to"),
        _text("undone_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_decision"),
        _owner("decision", "gallery_id", "gallery.id"),
        _owner("decision", "run_id", "cluster_run.id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_decision_gallery_id", "decision", ["gallery_id"])
    op.create_index("ix_decision_run_id", "decision", ["run_id"])


def _create_decision_sample() -> None:
    op.create_table(
        "decision_sample",
        _key("decision_id"),
        _key("sample_id"),
        _number("cluster", nullable=False),
        _number("identity_id"),
        _number("identity_after"),
        _number("party_id"),
        _text("party_at", nullable=True),
        _number("party_after"),
        sa.PrimaryKeyConstraint("decision_id", "sample_id", name="pk_decision_sample"),
        _owner("decision_sample", "decision_id", "decision.id"),
        _owner("decision_sample", "sample_id", "sample.id"),
    )
    op.create_index("ix_decision_sample_sample_id", "decision_sample", ["sample_id"])
    op.create_index("ix_decision_sample_identity_id", "decision_sample", ["identity_id"])


def _create_decision_refusal() -> None:
    op.create_table(
        "decision_refusal",
        _key("decision_id"),
        _key("refusal_id"),
        _number("party_id", nullable=False),
        _key("sample_id", nullable=True),
        _number("identity_id"),
        _text("decided_at"),
        sa.PrimaryKeyConstraint("decision_id", "refusal_id", name="pk_decision_refusal"),
        _owner("decision_refusal", "decision_id", "decision.id"),
        _owner("decision_refusal", "sample_id", "sample.id"),
    )
    op.create_index("ix_decision_refusal_sample_id", "decision_refusal", ["sample_id"])


def _create_names() -> None:
    op.create_table(
        "decision_rename",
        _key("decision_id"),
        _number("identity_id", nullable=False),
        _text("name"),
        sa.PrimaryKeyConstraint("decision_id", name="pk_decision_rename"),
        _owner("decision_rename", "decision_id", "decision.id"),
    )
    op.create_table(
        "former_identity",
        _key("identity_id"),
        _key("gallery_id"),
        _text("name"),
        sa.PrimaryKeyConstraint("identity_id", name="pk_former_identity"),
        _owner("former_identity", "gallery_id", "gallery.id"),
    )
    op.create_index("ix_former_identity_gallery_id", "former_identity", ["gallery_id"])
