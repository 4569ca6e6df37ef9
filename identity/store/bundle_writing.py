"""Writes the rows of a gallery that arrives from elsewhere, in one transaction: all of them, or those that are new."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, insert

from identity.core.bundle import TABLES, Arrival, GalleryRows
from identity.core.errors import SpaceMismatchError
from identity.core.stopping import STOPPING
from identity.core.types import GalleryRecord
from identity.store import galleries, sealed_rows, seals
from identity.store.bundle_merging import Additions, additions, everything
from identity.store.bundle_rows import SQL, sql_column
from identity.store.rows import count_change, hold
from identity.store.transactions import Transactions

_PORTION = 5_000  # rows of one statement


def write_rows(transactions: Transactions, rows: GalleryRows, *, name: str, merge_names: bool) -> Arrival:
    """Put rows into the gallery `name`, made where there is none; the samples that it has already are left alone.

    Raises `SpaceMismatchError` where it has another space, `UsageError` where it has a name of a new sample already,
    unless names are to be merged.
    """
    with transactions.write() as connection:
        gallery = galleries.find(connection, name)
        created = gallery is None
        if gallery is None:
            gallery = _make(connection, rows, name)
        hold(connection, gallery)
        _require_same_space(gallery, rows)
        wanted = everything(rows) if created else additions(connection, gallery, rows, merge_names=merge_names)
        if created or wanted.any:
            count_change(connection, gallery)
            with seals.resealed(connection, gallery, sealed_rows.everything(gallery)):
                _write(connection, gallery, rows, wanted)
    added = {table: len(places) for table, places in wanted.chosen.items()}
    return Arrival(gallery.name, created, rows.count("sample") - added["sample"], added)


def _make(connection: Connection, rows: GalleryRows, name: str) -> GalleryRecord:
    facts = rows.facts
    return galleries.add(
        connection, name, model=facts.model, detector=facts.detector, space=facts.space, dim=facts.dim,
        created_at=facts.created_at,
    )  # fmt: skip


def _require_same_space(gallery: GalleryRecord, rows: GalleryRows) -> None:
    facts = rows.facts
    if (gallery.space, gallery.dim) != (facts.space, facts.dim):
        raise SpaceMismatchError(
            f"gallery '{gallery.name}' has the space of model '{gallery.model}' with detector '{gallery.detector}', "
            f"the bundle that of '{facts.model}' with '{facts.detector}': import it under another name with -g"
        )


def _write(connection: Connection, gallery: GalleryRecord, rows: GalleryRows, wanted: Additions) -> None:
    for table in TABLES:
        made = _insert(connection, table, _records(gallery, rows, table, wanted))
        wanted.ids[table].update(zip(wanted.chosen[table], made, strict="id" in SQL[table].c))


def _records(gallery: GalleryRecord, rows: GalleryRows, table: str, wanted: Additions) -> list[dict[str, Any]]:
    places = wanted.chosen[table]
    columns: dict[str, list[Any]] = {}
    for column in TABLES[table]:
        values: list[Any] = [rows.tables[table][column.name][place] for place in places]
        if column.of:
            values = _ids(values, wanted.ids[column.of])
        columns[sql_column(table, column).name] = values
    if table == "calibration":
        columns["last_sample"] = [_last(count, wanted.ids["sample"]) for count in columns["last_sample"]]
    shared = {"gallery_id": gallery.id} if "gallery_id" in SQL[table].c else {}
    return [shared | dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _ids(places: Iterable[int | None], ids: Mapping[int, int]) -> list[int | None]:
    return [None if place is None else ids[place] for place in places]


def _last(count: int | None, samples: Mapping[int, int]) -> int | None:
    """The id of the newest of the first `count` samples; 0, which no sample has, where these were none."""
    return count if not count else samples[count - 1]


def _insert(connection: Connection, table: str, records: list[dict[str, Any]]) -> list[int]:
    sql = SQL[table]
    ids: list[int] = []
    for start in range(0, len(records), _PORTION):
        STOPPING.check()
        portion = records[start : start + _PORTION]
        if "id" not in sql.c:
            connection.execute(insert(sql), portion)
            continue
        made = insert(sql).returning(sql.c.id, sort_by_parameter_order=True)
        ids += connection.execute(made, portion).scalars()
    return ids
