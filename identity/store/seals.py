"""Seals: per gallery and part a sum over the hashes of its rows, so that what no command of ours wrote is found.

Every writer takes out the hashes of the rows that it is about to touch and puts in those of what they became
(`resealed`): a row that is changed, added or deleted otherwise leaves a sum that does not fit. The sum of hashes
does not depend on the order of rows (Bellare, Micciancio, "A new paradigm for collision-free hashing", 1997). It is
a guard against damage, not against somebody who computes a new one. Vectors stand in it by their crc32.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, delete, insert, select, update

from identity.core.types import GalleryRecord
from identity.store.integrity_tables import seal

SAMPLES, THRESHOLDS, CLUSTERS = PARTS = ("samples", "thresholds", "clusters")
MODULUS = 1 << 128
_PORTION = 20_000  # rows held at once
_LONG = 64  # bytes of a value from which its own digest stands for it


@dataclass(frozen=True, slots=True)
class Sealed:
    """Rows of one table that belong to a part: all that the select finds, in the columns it names."""

    part: str
    table: str
    rows: Select[Any]


def tally(table: str, rows: Iterable[Sequence[Any]]) -> int:
    """The sum over the hashes of rows, 0 <= sum < 2**128."""
    return sum(_hash(table, row) for row in rows) % MODULUS


@contextmanager
def resealed(connection: Connection, gallery: GalleryRecord, touched: Sequence[Sealed]) -> Iterator[None]:
    """Keep the seals true while the block changes rows; it must change no sealed row outside `touched`."""
    before = _sums(connection, touched)
    yield
    after = _sums(connection, touched)
    for part in after:
        if after[part] != before[part]:
            _add(connection, gallery, part, after[part] - before[part])


def digests(connection: Connection, gallery: GalleryRecord) -> dict[str, int]:
    """The seals as they are written down; a part without one is absent."""
    found = select(seal.c.part, seal.c.digest).where(seal.c.gallery_id == gallery.id)
    return {part: _number(digest) for part, digest in connection.execute(found)}


def put(connection: Connection, gallery: GalleryRecord, sealed: Sequence[Sealed]) -> None:
    """Seal the parts of `sealed` as its rows are now, which have to be all rows of these parts."""
    for part, digest in _sums(connection, sealed).items():
        connection.execute(delete(seal).where(seal.c.gallery_id == gallery.id, seal.c.part == part))
        connection.execute(insert(seal).values(gallery_id=gallery.id, part=part, digest=f"{digest:032x}"))


def broken_parts(connection: Connection, gallery: GalleryRecord, sealed: Sequence[Sealed]) -> list[str]:
    """The parts whose rows, all of which are in `sealed`, are not those that were written."""
    kept = digests(connection, gallery)
    return [part for part, digest in _sums(connection, sealed).items() if kept.get(part) != digest]


def _sums(connection: Connection, sealed: Sequence[Sealed]) -> dict[str, int]:
    sums = {one.part: 0 for one in sealed}
    for one in sealed:
        rows = connection.execute(one.rows, execution_options={"yield_per": _PORTION})
        sums[one.part] = (sums[one.part] + tally(one.table, rows)) % MODULUS
    return sums


def _add(connection: Connection, gallery: GalleryRecord, part: str, change: int) -> None:
    kept = digests(connection, gallery).get(part)
    if kept is None:
        return  # it was lost: the examination says so, and nothing here may hide it
    mine = update(seal).where(seal.c.gallery_id == gallery.id, seal.c.part == part)
    connection.execute(mine.values(digest=f"{(kept + change) % MODULUS:032x}"))


def _hash(table: str, row: Sequence[Any]) -> int:
    text = repr((table, *(_short(value) for value in row)))
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest(), "big")


def _short(value: Any) -> Any:
    if isinstance(value, float):
        return value + 0.0  # SQLite knows no -0.0
    if isinstance(value, bytes) and len(value) > _LONG:
        return hashlib.blake2b(value, digest_size=16).digest()
    return value


def _number(digest: str) -> int:
    try:
        return int(digest, 16) % MODULUS
    except (TypeError, ValueError):
        return -1  # no sum is negative
