"""Columns as arrays and back: texts and bytes as one run of bytes beside their lengths, -1 where there is none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from identity.core.bundle import TABLES, BundleColumn, BundleFacts, ColumnKind, GalleryRows

Array = NDArray[Any]
LENGTH = "_length"
_RUNS = (ColumnKind.TEXT, ColumnKind.BYTES)
_WHOLE = "<i8"
_TYPES = {
    ColumnKind.TEXT: "|u1", ColumnKind.BYTES: "|u1", ColumnKind.WHOLE: _WHOLE, ColumnKind.PLACE: _WHOLE,
    ColumnKind.REAL: "<f8", ColumnKind.FLAG: "|b1", ColumnKind.VECTOR: "<f4",
}  # fmt: skip


def parts_of(rows: GalleryRows) -> Iterator[tuple[str, Array]]:
    """Every part's name with its array, in the file's order."""
    for table, columns in TABLES.items():
        for column in columns:
            yield from _arrays(f"{table}/{column.name}", column, rows.tables[table][column.name], dim=rows.facts.dim)


def part_kinds(tables: Iterable[str] = tuple(TABLES)) -> Mapping[str, str]:
    """NumPy's name of the type of each part of some tables, in the file's order."""
    kinds: dict[str, str] = {}
    for table in tables:
        for column in TABLES[table]:
            kinds[f"{table}/{column.name}"] = _TYPES[column.form]
            if column.form in _RUNS:
                kinds[f"{table}/{column.name}{LENGTH}"] = _WHOLE
    return kinds


def shape_of(name: str, counts: Mapping[str, int], *, dim: int) -> tuple[int | None, ...]:
    """The shape that a part has; None where only its lengths say how long it is."""
    table, column = name.split("/")
    found = {one.name: one.form for one in TABLES[table]}.get(column)
    if found in _RUNS:
        return (None,)
    return (counts[table], dim) if found is ColumnKind.VECTOR else (counts[table],)


def rows_of(facts: BundleFacts, parts: Mapping[str, Array], *, crops: bool) -> GalleryRows:
    """The rows that arrays of the right types and shapes hold. Raises `ValueError` where lengths or texts are wrong."""
    tables = {
        table: {column.name: _values(f"{table}/{column.name}", column, parts) for column in columns}
        if f"{table}/{columns[0].name}" in parts
        else {column.name: [] for column in columns}
        for table, columns in TABLES.items()
    }
    return GalleryRows(facts, tables, crops)


def _arrays(name: str, column: BundleColumn, values: Sequence[Any], *, dim: int) -> Iterator[tuple[str, Array]]:
    kind = column.form
    if kind in _RUNS:
        runs = [value.encode() if isinstance(value, str) else value for value in values]
        yield name, np.frombuffer(b"".join(run for run in runs if run is not None), np.uint8)
        yield name + LENGTH, np.array([-1 if run is None else len(run) for run in runs], _WHOLE)
    elif kind is ColumnKind.VECTOR:
        yield name, np.frombuffer(b"".join(values), _TYPES[kind]).reshape(len(values), dim)
    else:
        missing = np.nan if kind is ColumnKind.REAL else -1
        yield name, np.array([missing if value is None else value for value in values], _TYPES[kind])


def _values(name: str, column: BundleColumn, parts: Mapping[str, Array]) -> list[Any]:
    array = parts[name]
    if column.form in _RUNS:
        return _runs(name, column, array, parts[name + LENGTH])
    if column.form is ColumnKind.VECTOR:
        return [row.tobytes() for row in array]
    if column.form is ColumnKind.FLAG and (array.view(np.uint8) > 1).any():
        raise ValueError(f"{name} holds what is neither yes nor no")
    values: list[Any] = array.tolist()
    if not column.nullable:
        return values
    missing = np.isnan(array) if column.form is ColumnKind.REAL else array == -1
    return [None if none else value for value, none in zip(values, missing.tolist(), strict=True)]


def _runs(name: str, column: BundleColumn, array: Array, lengths: Array) -> list[Any]:
    smallest = -1 if column.nullable else 0
    if (lengths < smallest).any() or (lengths > len(array)).any():
        raise ValueError(f"{name} has impossible lengths")
    counted = lengths.tolist()
    ends = list(accumulate((max(length, 0) for length in counted), initial=0))
    if ends[-1] != len(array):
        raise ValueError(f"{name} is not as long as its lengths say")
    whole = array.tobytes()
    runs = [None if n < 0 else whole[a:b] for n, (a, b) in zip(counted, pairwise(ends), strict=True)]
    return [run.decode() if run is not None else None for run in runs] if column.form is ColumnKind.TEXT else runs
