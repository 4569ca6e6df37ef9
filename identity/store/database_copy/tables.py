"""Which tables a copy of a database consists of, in an order in which each row finds what it refers to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, Table

from identity.store.schema import all_tables

COPIED = (
    "gallery", "identity", "image", "sample", "vector", "crop", "quality", "calibration", "calibration_class",
    "cluster_run", "core_quality", "cluster_label", "party", "party_member", "set_aside", "refusal",
    "decision", "decision_sample", "decision_aside", "decision_refusal", "decision_rename", "former_identity",
    "file", "seal", "reembedding", "reembedded", "removal", "shipped",
)  # fmt: skip
NOT_COPIED = frozenset({"snapshot", "superseded"})  # they speak of index files, which a home makes anew


def copied_tables() -> Sequence[Table]:
    """The tables of `COPIED`, owners first."""
    return [table for table in all_tables().sorted_tables if table.name in COPIED]


def every_table() -> Sequence[Table]:
    """All tables, owners first."""
    return all_tables().sorted_tables


def key_of(table: Table) -> Sequence[Column[Any]]:
    """The columns that say which row it is, in whose order rows are copied."""
    return list(table.primary_key.columns)


def numbered_tables() -> Sequence[Table]:
    """Tables whose rows get their ids from the database, which gives none of them twice."""
    return [table for table in copied_tables() if table.dialect_options["sqlite"]["autoincrement"]]
