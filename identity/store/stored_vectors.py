"""A gallery's vectors where they are stored: ranked by the database where it can, else read a portion at a time.

Two statements, not a join: one looks at the table of vectors alone, which may hold other galleries' as well; the other
fetches the few that it found, and says whose they are. Both see the one moment of their transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Connection, Row, func, select

from identity.core.errors import GalleryChangedError
from identity.core.index_ports import Ranked
from identity.core.types import NO_ID, GalleryRecord, Ids, Labelled, Role, Vectors
from identity.store import search_state as searching
from identity.store import tables as t
from identity.store import vector_rows
from identity.store.transactions import Transactions


class SqlStoredVectors:
    """`core.index_ports.StoredVectors` over a database, while the gallery's change counter is `changes`."""

    def __init__(self, transactions: Transactions, gallery: GalleryRecord, changes: int) -> None:
        self._transactions = transactions
        self._gallery = gallery
        self._changes = changes

    @property
    def dim(self) -> int:
        """Their dimension."""
        return self._gallery.dim

    @property
    def ranks(self) -> bool:
        """Whether the database can reckon products."""
        with self._unchanged() as connection:
            return self._product(connection, np.zeros((1, self.dim), np.float32)) is not None

    def counts(self) -> tuple[Ids, Ids]:
        """Identities (c,), ascending, NO_ID among them, and how many gallery samples each has."""
        c = t.sample.c
        counted = select(c.identity_id, func.count()).where(*self._mine).group_by(c.identity_id)
        with self._unchanged() as connection:
            found = [(NO_ID if row[0] is None else row[0], row[1]) for row in connection.execute(counted)]
        both = np.array(sorted(found), np.int64).reshape(-1, 2)
        return both[:, 0], both[:, 1]

    def nearest(self, probe: Vectors, *, count: int) -> Ranked:
        """The `count` vectors of largest products, those of other galleries left out."""
        with self._unchanged() as connection:
            product = self._product(connection, probe)
            nearest = _ranked(product).order_by(product.desc().nulls_last()).limit(count)  # NULL: of other dimensions
            rows = [row for row in connection.execute(nearest) if row.product is not None]
            return Ranked(self._own(connection, rows), rows[-1].product if len(rows) == count else -np.inf)

    def within(self, probe: Vectors, *, least: float, most: int) -> Ranked | None:
        """All vectors of products of at least this; None where they are more than `most`."""
        with self._unchanged() as connection:
            product = self._product(connection, probe)
            rows = connection.execute(_ranked(product).where(product >= least).limit(most + 1)).all()
            return None if len(rows) > most else Ranked(self._own(connection, rows), least)

    def of_identity(self, identity: int) -> Vectors:
        """The vectors (n, dim) of one identity."""
        owner = t.sample.c.identity_id
        with self._unchanged() as connection:
            of_one = owner.is_(None) if identity == NO_ID else owner == identity
            return vector_rows.vectors_where(connection, self._gallery, Role.GALLERY, of_one).vectors

    def ends(self, parts: int, *, most: int) -> tuple[int, ...]:
        """The largest ids of about so many equal parts of at most `most` samples; the ids themselves stay there."""
        with self._unchanged() as connection:
            count = vector_rows.count(connection, self._gallery, Role.GALLERY)
            size = max(1, min(most, -(-count // parts)))
            place = func.row_number().over(order_by=t.sample.c.id)
            placed = select(t.sample.c.id, place.label("place")).where(*self._mine).subquery()
            last = (placed.c.place % size == 0) | (placed.c.place == count)
            found = connection.execute(select(placed.c.id).where(last).order_by(placed.c.id)).scalars().all()
            return tuple(found) or (0,)

    def between(self, after: int, last: int) -> Labelled:
        """The samples above one id, up to another. Raises `StoreError` where a vector is missing or damaged."""
        with self._unchanged() as connection:
            return vector_rows.all_vectors(connection, self._gallery, Role.GALLERY, after=after, last=last)

    def portions(self) -> Iterator[Labelled]:
        """All of them by ascending id, a part at a time."""
        with self._unchanged() as connection:
            yield from vector_rows.portions_of_vectors(connection, self._gallery, Role.GALLERY)

    @contextmanager
    def _unchanged(self) -> Iterator[Connection]:
        """One moment of the gallery, in which it is as it was."""
        with self._transactions.read() as connection:
            if searching.changes_of(connection, self._gallery) != self._changes:
                name = self._gallery.name
                raise GalleryChangedError(f"gallery '{name}' was changed by another program meanwhile: run it again")
            yield connection

    @property
    def _mine(self) -> tuple[ColumnElement[bool], ...]:
        return t.sample.c.gallery_id == self._gallery.id, t.sample.c.role == Role.GALLERY.value

    def _product(self, connection: Connection, probe: Vectors) -> Any:
        return self._transactions.product(connection, probe.astype("<f4").tobytes(), dim=self.dim)

    def _own(self, connection: Connection, rows: Sequence[Row[Any]]) -> Labelled:
        """Of what was found, the samples of this gallery, by ascending id."""
        return vector_rows.vectors(connection, self._gallery, (row.sample_id for row in rows))


def _ranked(product: ColumnElement[float]) -> Any:
    return select(t.vector.c.sample_id, product.label("product"))  # the vectors would be sorted along
