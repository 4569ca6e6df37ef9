"""What a search reads beside an index file: which one is in force, and what has changed since it was made."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Connection, Row, Select, func, select, true

from identity.core.search_state import NAME, SearchState, Snapshot, most_outside
from identity.core.types import GalleryRecord, Labelled, Role
from identity.store import tables as t
from identity.store.rows import require_unmoved
from identity.store.vector_rows import all_vectors, labelled, require_vectors, vectors_of


def search_state(connection: Connection, gallery: GalleryRecord, held: Collection[str]) -> SearchState | None:
    """Snapshot, superseded and later samples, by the newest file that is held; without one, all samples are later.

    None where more samples are outside of it than may be: no more of them are read than it takes to see that.
    """
    changes = changes_of(connection, gallery)
    rows = [row for row in rows_in_force(connection, gallery) if row.token[:NAME] in held]
    if not rows:
        later = _later(connection, gallery, [], most=most_outside(0))
        return None if later is None else SearchState(changes, None, np.empty(0, np.int64), later)
    newest = rows[0]
    removed = superseded_ids(gallery, newest)
    ids = np.array(connection.execute(removed).scalars().all(), np.int64)
    since = [t.sample.c.id > newest.last_id, t.sample.c.id.in_(removed)]  # one by one: an OR would read every id
    most = most_outside(newest.length) - len(ids)
    later = _later(connection, gallery, since, most=most) if most >= 0 else None
    snapshot = Snapshot(newest.token, gallery.uuid, newest.space, newest.last_id, newest.dim, newest.length)
    return None if later is None else SearchState(changes, snapshot, ids, later)


def table_state(connection: Connection, gallery: GalleryRecord) -> SearchState:
    """Every gallery sample as a later one, whatever files there are."""
    later = all_vectors(connection, gallery, Role.GALLERY)
    return SearchState(changes_of(connection, gallery), None, np.empty(0, np.int64), later)


def _later(
    connection: Connection, gallery: GalleryRecord, since: Sequence[ColumnElement[bool]], *, most: int
) -> Labelled | None:
    """The gallery samples of any of these conditions (of all, without one); None where they are more than `most`."""
    rows: list[Row[int, int | None, bytes, int]] = []
    for condition in since or [true()]:
        found = _ids_of(connection, gallery, condition, most=most + 1 - len(rows))
        if len(found) + len(rows) > most:
            return None
        if found:  # else no vector is looked for, wherever these lie
            with_vectors = connection.execute(vectors_of(gallery, Role.GALLERY).where(condition)).all()
            require_vectors(gallery, set(found).difference(row[0] for row in with_vectors))
            rows += with_vectors
    return labelled(sorted(rows), dim=gallery.dim)


def _ids_of(
    connection: Connection, gallery: GalleryRecord, condition: ColumnElement[bool], *, most: int
) -> Sequence[int]:
    """The gallery samples of which something holds, or `most` of them."""
    c = t.sample.c
    mine = c.gallery_id == gallery.id, c.role == Role.GALLERY.value, condition
    return connection.execute(select(c.id).where(*mine).limit(most)).scalars().all()


def count_people(connection: Connection, gallery: GalleryRecord) -> tuple[int, int]:
    """How many identities have gallery samples, and how many samples those are."""
    sample = t.sample.c
    named = sample.gallery_id == gallery.id, sample.role == Role.GALLERY.value, sample.identity_id.is_not(None)
    people, samples = func.count(func.distinct(t.sample.c.identity_id)), func.count()
    row = connection.execute(select(people, samples).select_from(t.sample).where(*named)).one()
    return int(row[0]), int(row[1])


def changes_of(connection: Connection, gallery: GalleryRecord) -> int:
    """The gallery's change counter.

    Raises `NotFoundError` where it was deleted, `GalleryChangedError` where it has another space by now.
    """
    found = select(t.gallery.c.changes, t.gallery.c.space).where(t.gallery.c.id == gallery.id)
    return require_unmoved(connection.execute(found).first(), gallery)


def rows_in_force(connection: Connection, gallery: GalleryRecord) -> Sequence[Row[Any]]:
    """The snapshots of all homes, the one read last first."""
    c = t.snapshot.c
    return connection.execute(select(t.snapshot).where(c.gallery_id == gallery.id).order_by(c.changes.desc())).all()


def superseded_ids(gallery: GalleryRecord, snapshot: Row[Any]) -> Select[int]:
    """Samples of a snapshot that were removed or relabelled after it was read."""
    c = t.superseded.c
    of_snapshot = c.gallery_id == gallery.id, c.sample_id <= snapshot.last_id, c.change > snapshot.changes
    return select(c.sample_id).where(*of_snapshot).order_by(c.sample_id)
