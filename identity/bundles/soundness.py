"""Whether rows from outside are such as this program writes; nothing else goes into a file or into a database."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from identity.bundles.claims import require
from identity.core.bundle import DISTINCT, TABLES, UNIT_TOLERANCE, BundleColumn, ColumnKind, GalleryRows
from identity.core.rules.table import RULES
from identity.core.types import Role

MOST_DIMENSIONS = 1 << 16
_CONTENT = 32  # bytes of a digest
_ROLES = {role.value for role in Role}


def require_sound(rows: GalleryRows) -> None:
    """Raise `ValueError` with what is wrong, where something is."""
    for table, columns in TABLES.items():
        for column in columns:
            _require_column(rows, table, column)
    for table, names in DISTINCT.items():
        keys = list(zip(*(rows.tables[table][name] for name in names), strict=True))
        require(len(set(keys)) == len(keys), f"two rows of {table} have the same {' and '.join(names)}")
    _require_samples(rows)
    _require_decisions(rows)
    _require_thresholds(rows)


def _require_column(rows: GalleryRows, table: str, column: BundleColumn) -> None:
    values, name = rows.tables[table][column.name], f"{table}/{column.name}"
    require(len(values) == rows.count(table), f"{name} has not as many rows as its table")
    held = [value for value in values if value is not None]
    require(column.nullable or len(held) == len(values), f"{name} lacks values")
    if column.of:
        require(_within(held, rows.count(column.of)), f"{name} refers to rows that are not there")
    elif column.form is ColumnKind.REAL and held:
        numbers = np.array(held, np.float64)
        sound = ~np.isnan(numbers) if column.endless else np.isfinite(numbers)
        require(bool(sound.all()), f"{name} holds what is no number")


def _require_samples(rows: GalleryRows) -> None:
    tables, n = rows.tables, rows.count("sample")
    vectors, dim = tables["vector"], rows.facts.dim
    require(0 < dim < MOST_DIMENSIONS, f"vectors of {dim} numbers cannot be")
    require(all(len(content) == _CONTENT for content in tables["image"]["content"]), "a digest of an image is none")
    require(set(tables["sample"]["role"]) <= _ROLES, "a sample has an unknown role")
    require(list(vectors["sample"]) == list(range(n)), "not every sample has a vector")
    for vector, crc in zip(vectors["vector"], vectors["crc32"], strict=True):
        require(len(vector) == 4 * dim and zlib.crc32(vector) == crc, "a vector is not what its crc32 says")
    matrix = np.frombuffer(b"".join(vectors["vector"]), "<f4").reshape(-1, dim)
    lengths = np.sqrt(np.einsum("ij,ij->i", matrix, matrix, dtype=np.float64))
    require(bool((np.abs(lengths - 1) <= UNIT_TOLERANCE).all()), "a vector is not of length 1")


def _require_decisions(rows: GalleryRows) -> None:
    refusal = rows.tables["refusal"]
    targets = zip(refusal["sample"], refusal["identity"], strict=True)
    require(all((sample is None) != (name is None) for sample, name in targets), "a refusal has not one target")
    named, aside = rows.tables["sample"]["identity"], rows.tables["set_aside"]["sample"]
    require(all(named[sample] is None for sample in aside), "a sample with a name is set aside")


def _require_thresholds(rows: GalleryRows) -> None:
    made, classes = rows.tables["calibration"], rows.tables["calibration_class"]
    n = rows.count("calibration")
    require(n <= 1 and (n == 1 or not rows.count("calibration_class")), "it has not one set of thresholds")
    for scores in (*made["pooled_scores"], *classes["scores"]):
        require(len(scores) % 4 == 0 and not np.isnan(np.frombuffer(scores, "<f4")).any(), "scores are no numbers")
    for place in range(n):
        count, rule = made["last_sample"][place], made["rule"][place]
        require(made["space"][place] == rows.facts.space, "its thresholds are of another space")
        require(count is None or 0 <= count <= rows.count("sample"), "its thresholds are of samples it lacks")
        facts = json.loads(made["facts"][place])
        if rule in RULES:
            RULES[rule].facts_from_json(facts)


def _within(places: Sequence[Any], count: int) -> bool:
    return not places or (min(places) >= 0 and max(places) < count)
