"""Reads all rows of a gallery, of one moment, as columns that mean the same in every database."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Select, Table, select

from identity.core.bundle import TABLES, BundleColumn, BundleFacts, ColumnKind, GalleryRows
from identity.core.errors import StoreError
from identity.core.stopping import STOPPING
from identity.core.types import GalleryRecord
from identity.store import cluster_tables as c
from identity.store import tables as t
from identity.store.transactions import Transactions

SQL: Mapping[str, Table] = {
    "identity": t.identity, "image": t.image, "sample": t.sample, "vector": t.vector, "crop": t.crop,
    "quality": t.quality, "party": c.party, "party_member": c.party_member, "refusal": c.refusal,
    "set_aside": c.set_aside, "cluster_run": c.cluster_run, "core_quality": c.core_quality,
    "cluster_label": c.cluster_label, "calibration": t.calibration, "calibration_class": t.calibration_class,
}  # fmt: skip
_OWNERS = {
    "vector": t.sample, "crop": t.sample, "quality": t.sample, "party_member": c.party, "refusal": c.party,
    "set_aside": t.sample, "core_quality": c.cluster_run, "cluster_label": t.sample,
}  # fmt: skip
_ORDER = {
    "vector": ("sample_id",), "crop": ("sample_id",), "quality": ("sample_id",), "party_member": ("sample_id",),
    "set_aside": ("sample_id",), "core_quality": ("run_id",), "cluster_label": ("run_id", "sample_id"),
    "calibration": ("gallery_id",), "calibration_class": ("identity_id",),
}  # fmt: skip
_FACTS = ("name", "model", "detector", "space", "dim", "created_at")


def read_rows(transactions: Transactions, gallery: GalleryRecord, *, crops: bool) -> GalleryRows:
    """All rows of a gallery, without the crops where these are not wanted. Raises `StoreError` for a lost row."""
    facts = select(*(t.gallery.c[name] for name in _FACTS)).where(t.gallery.c.id == gallery.id)
    with transactions.read() as connection:
        known = BundleFacts(*connection.execute(facts).one())
        ids: dict[str, list[int]] = {}
        wanted = {table: table != "crop" or crops for table in TABLES}
        tables = {table: _columns(connection, gallery, table, ids, wanted=wanted[table]) for table in TABLES}
    return GalleryRows(known, tables, crops)


def sql_column(table: str, column: BundleColumn) -> Column[Any]:
    """The database's column; one that refers to a row ends in `_id` there."""
    return SQL[table].c[f"{column.name}_id" if column.form is ColumnKind.PLACE else column.name]


def of_gallery(table: str, gallery: GalleryRecord) -> Select[Any]:
    """The rows of a table that are a gallery's, in order; their columns are to be chosen."""
    sql, owner = SQL[table], _OWNERS.get(table)
    order = (sql.c[name] for name in _ORDER.get(table, ("id",)))
    chosen = select(*(sql_column(table, column) for column in TABLES[table]))
    if "id" in sql.c:
        chosen = chosen.add_columns(sql.c.id)
    if owner is not None:
        chosen = chosen.join_from(sql, owner)
    return chosen.where((sql if owner is None else owner).c.gallery_id == gallery.id).order_by(*order)


def _columns(
    connection: Connection, gallery: GalleryRecord, table: str, ids: dict[str, list[int]], *, wanted: bool
) -> dict[str, Sequence[Any]]:
    STOPPING.check()
    rows = connection.execute(of_gallery(table, gallery)).all() if wanted else []
    values = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(len(TABLES[table]) + 1)]
    if "id" in SQL[table].c:
        ids[table] = values[-1]
    places = {name: {id_: place for place, id_ in enumerate(held)} for name, held in ids.items()}
    found: dict[str, Sequence[Any]] = {
        column.name: _placed(gallery, values[number], places[column.of]) if column.of else values[number]
        for number, column in enumerate(TABLES[table])
    }
    if table == "calibration":
        newest: Sequence[int | None] = found["last_sample"]
        found["last_sample"] = [None if id_ is None else bisect_right(ids["sample"], id_) for id_ in newest]
    return found


def _placed(gallery: GalleryRecord, ids: Sequence[int | None], places: Mapping[int, int]) -> list[int | None]:
    try:
        return [None if id_ is None else places[id_] for id_ in ids]
    except KeyError as error:
        raise StoreError(
            f"gallery '{gallery.name}' refers to row {error.args[0]}, which is not there: run 'identity doctor'"
        ) from error
