"""The tables of clustering: runs, the labels they changed, and what people decided about samples.

A label row says that from its run on a sample lies in a cluster; the one with the largest run is in force. So an
incremental run writes few rows, and undoing a run is deleting its rows. Everything hangs on samples: one that is
forgotten leaves every run and every decision. No table here holds a name: names are `identity` alone.
"""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, Float, ForeignKey, Index, Integer, Table, Text

from identity.store.tables import Id, metadata


def refers(name: str, target: str, *, primary_key: bool = False, nullable: bool = False) -> Column[int]:
    """A column whose rows go with the row that they refer to."""
    owner = ForeignKey(target, ondelete="CASCADE")
    return Column(name, Id, owner, primary_key=primary_key, autoincrement=False, nullable=nullable)


cluster_run = Table(
    "cluster_run",
    metadata,
    Column("id", Id, primary_key=True),
    refers("gallery_id", "gallery.id"),
    Column("algo", Text, nullable=False),  # dbscan, hdbscan, or people: an edit that decisions made
    Column("mode", Text, nullable=False),  # full, incremental or decision
    Column("eps", Float),
    Column("eps_auto", Boolean, nullable=False),
    Column("eps_reason", Text, nullable=False),
    Column("min_samples", Integer, nullable=False),
    Column("min_cluster_size", Integer, nullable=False),
    Column("n_samples", Id, nullable=False),
    Column("n_clusters", Id, nullable=False),
    Column("n_noise", Id, nullable=False),
    Column("next_cluster", Id, nullable=False),  # the smallest number no cluster ever had after this run
    Column("note", Text, nullable=False),
    Column("created_at", Text, nullable=False),
    Column("undone_at", Text),
    Index("ix_cluster_run_gallery_id", "gallery_id"),
    sqlite_autoincrement=True,
)

core_quality = Table(  # the quality that samples needed to be cores in a run; without a row none was asked for
    "core_quality",
    metadata,
    refers("run_id", "cluster_run.id", primary_key=True),
    Column("min_quality", Float, nullable=False),
)

cluster_label = Table(
    "cluster_label",
    metadata,
    refers("sample_id", "sample.id", primary_key=True),
    refers("run_id", "cluster_run.id", primary_key=True),
    Column("cluster", Id, nullable=False),  # -1 is noise
    Column("core", Boolean, nullable=False),
    Index("ix_cluster_label_run_id", "run_id"),
)

party = Table(  # samples that a person said are one and the same, whoever that is
    "party",
    metadata,
    Column("id", Id, primary_key=True),
    refers("gallery_id", "gallery.id"),
    Column("decided_at", Text, nullable=False),
    Index("ix_party_gallery_id", "gallery_id"),
    sqlite_autoincrement=True,
)

party_member = Table(
    "party_member",
    metadata,
    refers("sample_id", "sample.id", primary_key=True),
    refers("party_id", "party.id"),
    Index("ix_party_member_party_id", "party_id"),
)

refusal = Table(  # a person said: this party is not that sample, or not that identity
    "refusal",
    metadata,
    Column("id", Id, primary_key=True),
    refers("party_id", "party.id"),
    refers("sample_id", "sample.id", nullable=True),
    refers("identity_id", "identity.id", nullable=True),
    Column("decided_at", Text, nullable=False),
    CheckConstraint("(sample_id IS NULL) <> (identity_id IS NULL)", name="one_target"),
    Index("ix_refusal_party_id", "party_id"),
    Index("ix_refusal_sample_id", "sample_id"),
    Index("ix_refusal_identity_id", "identity_id"),
    sqlite_autoincrement=True,
)
