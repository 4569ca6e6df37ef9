"""Remember clustering runs, the labels they gave, and what people decided about samples."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _key(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, ID, autoincrement=False, nullable=nullable)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, ID, nullable=False)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _integer(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _yes_or_no(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _owner(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=f"fk_{table}_{column}", ondelete="CASCADE")


def upgrade() -> None:
    _create_runs()
    _create_parties()
    _create_refusals()


def _create_runs() -> None:
    op.create_table(
        "cluster_run",
        sa.Column("id", ID, nullable=False),
        _key("gallery_id"),
        _text("algo"),
        _text("mode"),
        sa.Column("eps", sa.Float(), nullable=True),
        _yes_or_no("eps_auto"),
        _text("eps_reason"),
        _integer("min_samples"),
        _integer("min_cluster_size"),
        _number("n_samples"),
        _number("n_clusters"),
        _number("n_noise"),
        _number("next_cluster"),
        _text("note"),
        _text("created_at"),
        _text("undone_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_cluster_run"),
        _owner("cluster_run", "gallery_id", "gallery.id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_cluster_run_gallery_id", "cluster_run", ["gallery_id"])
    op.create_table(
        "cluster_label",
        _key("sample_id"),
        _key("run_id"),
        _number("cluster"),
        _yes_or_no("core"),
        sa.PrimaryKeyConstraint("sample_id", "run_id", name="pk_cluster_label"),
        _owner("cluster_label", "sample_id", "sample.id"),
        _owner("cluster_label", "run_id", "cluster_run.id"),
    )
    op.create_index("ix_cluster_label_run_id", "cluster_label", ["run_id"])


def _create_parties() -> None:
    op.create_table(
        "party",
        sa.Column("id", ID, nullable=False),
        _key("gallery_id"),
        _text("decided_at"),
        sa.PrimaryKeyConstraint("id", name="pk_party"),
        _owner("party", "gallery_id", "gallery.id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_party_gallery_id", "party", ["gallery_id"])
    op.create_table(
        "party_member",
        _key("sample_id"),
        _key("party_id"),
        sa.PrimaryKeyConstraint("sample_id", name="pk_party_member"),
        _owner("party_member", "sample_id", "sample.id"),
        _owner("party_member", "party_id", "party.id"),
    )
    op.create_index("ix_party_member_party_id", "party_member", ["party_id"])


def _create_refusals() -> None:
    op.create_table(
        "refusal",
        sa.Column("id", ID, nullable=False),
        _key("party_id"),
        _key("sample_id", nullable=True),
        _key("identity_id", nullable=True),
        _text("decided_at"),
        sa.PrimaryKeyConstraint("id", name="pk_refusal"),
        _owner("refusal", "party_id", "party.id"),
        _owner("refusal", "sample_id", "sample.id"),
        _owner("refusal", "identity_id", "identity.id"),
        sa.CheckConstraint("(sample_id IS NULL) <> (identity_id IS NULL)", name="one_target"),
        sqlite_autoincrement=True,
    )
    for column in ("party_id", "sample_id", "identity_id"):
        op.create_index(f"ix_refusal_{column}", "refusal", [column])
