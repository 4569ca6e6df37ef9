"""Keeps the vectors of a re-embedding beside those in force, and puts them in force in one transaction."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from sqlalchemy import Connection, Table, delete, func, insert, select, update

from identity.core.clusters import REEMBEDDED, Run
from identity.core.errors import NotFoundError, SpaceMismatchError
from identity.core.reembedding import Destination, Origin, PendingSample
from identity.core.types import Box, GalleryRecord, Vectors
from identity.store import clusters, sealed_rows, seals
from identity.store import tables as t
from identity.store.galleries import GALLERY_COLUMNS
from identity.store.reembedding_tables import reembedded, reembedding
from identity.store.rows import count_change, now, portions
from identity.store.transactions import Transactions

_FACTS = ("model", "detector", "space", "dim")


class SqlReembedding:
    """`core.reembedding.ReembeddingStore` over a database."""

    def __init__(self, transactions: Transactions, gallery: GalleryRecord) -> None:
        self._transactions = transactions
        self._gallery = gallery

    def begin(self, destination: Destination) -> None:
        """Begin, or go on where the same destination was begun; vectors for another one are dropped."""
        with self._transactions.write(self._gallery) as connection:
            if _destination(connection, self._gallery) == destination:
                return
            _drop(connection, self._gallery)
            facts = {name: getattr(destination, name) for name in _FACTS}
            connection.execute(insert(reembedding).values(gallery_id=self._gallery.id, started_at=now(), **facts))

    def pending(self, *, after: int = 0, limit: int) -> list[PendingSample]:
        """Samples of any role without a new vector, by ascending id above `after`."""
        s, i = t.sample.c, t.image.c
        wanted = (
            select(s.id, i.path, i.path_bytes, i.row, i.content, s.x1, s.y1, s.x2, s.y2)
            .join_from(t.sample, t.image)
            .where(s.gallery_id == self._gallery.id)
            .order_by(s.id)
            .limit(limit)
        )
        found: list[PendingSample] = []
        with self._transactions.read() as connection:
            while len(found) < limit:
                rows = connection.execute(wanted.where(s.id > after)).all()
                if not rows:
                    break
                after = rows[-1].id
                made = _rows_with(connection, reembedded, [row.id for row in rows])
                missing = [row for row in rows if row.id not in made]
                crops = _rows_with(connection, t.crop, [row.id for row in missing])
                found += [
                    PendingSample(id_, raw or path, row, content, Box(*box), id_ in crops)
                    for id_, path, raw, row, content, *box in missing
                ]
        return found[:limit]

    def add(self, ids: Sequence[int], vectors: Vectors, origins: Sequence[Origin]) -> None:
        """Keep new vectors (n, dim) beside the old; samples that are gone are left out."""
        packed = (np.ascontiguousarray(vector, dtype="<f4").tobytes() for vector in vectors)
        with self._transactions.write(self._gallery) as connection:
            begun = _require_begun(connection, self._gallery)
            if vectors.shape[1] != begun.dim:
                raise SpaceMismatchError(
                    f"vectors of {vectors.shape[1]} numbers meet a re-embedding of {begun.dim}: use its own model"
                )
            held = _held(connection, self._gallery, ids)
            rows = [
                {"sample_id": id_, "vector": vector, "crc32": zlib.crc32(vector), "made_from": origin.value}
                for id_, vector, origin in zip(ids, packed, origins, strict=True)
                if id_ in held
            ]
            if rows:
                connection.execute(insert(reembedded), rows)

    def made(self) -> Mapping[Origin, int]:
        """How many new vectors there are, by what they were made from."""
        counted = select(reembedded.c.made_from, func.count()).join_from(reembedded, t.sample)
        mine = counted.where(t.sample.c.gallery_id == self._gallery.id).group_by(reembedded.c.made_from)
        with self._transactions.read() as connection:
            return {Origin(origin): count for origin, count in connection.execute(mine)}

    def switch(self) -> GalleryRecord | None:
        """Put the new space in force; None, and nothing done, while a sample has no new vector."""
        with self._transactions.write(self._gallery) as connection:
            begun = _require_begun(connection, self._gallery)
            if not _all_made(connection, self._gallery):
                return None
            count_change(connection, self._gallery)
            _replace_vectors(connection, self._gallery)
            for table in (t.snapshot, t.superseded, t.calibration):
                connection.execute(delete(table).where(table.c.gallery_id == self._gallery.id))
            clusters.record_boundary(connection, self._gallery, Run(REEMBEDDED, "full", note=begun.model))
            facts = {name: getattr(begun, name) for name in _FACTS}
            moved = update(t.gallery).where(t.gallery.c.id == self._gallery.id).values(**facts)
            gallery = GalleryRecord(*connection.execute(moved.returning(*GALLERY_COLUMNS)).one())
            _drop(connection, gallery)
            seals.put(connection, gallery, sealed_rows.everything(gallery))
            return gallery


def _destination(connection: Connection, gallery: GalleryRecord) -> Destination | None:
    columns = (reembedding.c[name] for name in _FACTS)
    row = connection.execute(select(*columns).where(reembedding.c.gallery_id == gallery.id)).first()
    return None if row is None else Destination(*row)


def _require_begun(connection: Connection, gallery: GalleryRecord) -> Destination:
    begun = _destination(connection, gallery)
    if begun is None:
        raise NotFoundError(f"gallery '{gallery.name}' is not being re-embedded: begin with 'identity reembed'")
    return begun


def _held(connection: Connection, gallery: GalleryRecord, ids: Sequence[int]) -> set[int]:
    """Which of these samples are there and have no new vector yet."""
    held: set[int] = set()
    for portion in portions(ids):
        found = select(t.sample.c.id).where(t.sample.c.id.in_(portion), t.sample.c.gallery_id == gallery.id)
        held.update(connection.execute(found).scalars())
    return held - _rows_with(connection, reembedded, held)


def _rows_with(connection: Connection, table: Table, ids: Iterable[int]) -> set[int]:
    """Which of these samples have a row in a table: asked by itself, for the table may lie on other machines."""
    with_row: set[int] = set()
    for portion in portions(ids):
        with_row.update(connection.execute(select(table.c.sample_id).where(table.c.sample_id.in_(portion))).scalars())
    return with_row


def _all_made(connection: Connection, gallery: GalleryRecord) -> bool:
    """Whether there are as many new vectors as samples: there is none of a sample that is gone."""
    mine = t.sample.c.gallery_id == gallery.id
    samples = select(func.count()).select_from(t.sample).where(mine)
    made = select(func.count()).join_from(reembedded, t.sample).where(mine)
    return bool(connection.execute(samples).scalar_one() == connection.execute(made).scalar_one())


def _replace_vectors(connection: Connection, gallery: GalleryRecord) -> None:
    mine = select(t.sample.c.id).where(t.sample.c.gallery_id == gallery.id)
    connection.execute(delete(t.vector).where(t.vector.c.sample_id.in_(mine)))
    c = reembedded.c
    new = select(c.sample_id, c.vector, c.crc32).where(c.sample_id.in_(mine))
    connection.execute(insert(t.vector).from_select(["sample_id", "vector", "crc32"], new))


def _drop(connection: Connection, gallery: GalleryRecord) -> None:
    mine = select(t.sample.c.id).where(t.sample.c.gallery_id == gallery.id)
    connection.execute(delete(reembedded).where(reembedded.c.sample_id.in_(mine)))
    connection.execute(delete(reembedding).where(reembedding.c.gallery_id == gallery.id))
