"""What a search reads: the snapshot in force and what has changed since, or every vector to build a new one from."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Connection, Select, delete, func, insert, select

from identity.core.errors import SpaceMismatchError, StoreError
from identity.core.search_state import SearchState, Snapshot
from identity.core.types import NO_ID, GalleryRecord, Ids, Labelled, Role
from identity.store import tables as t
from identity.store.rows import count_change, portions, require_unmoved

_VECTOR_COLUMNS = (t.sample.c.id, t.sample.c.identity_id, t.vector.c.vector, t.vector.c.crc32)
_WITH_VECTORS = select(*_VECTOR_COLUMNS).join_from(t.sample, t.vector).order_by(t.sample.c.id)


def search_state(connection: Connection, gallery: GalleryRecord, *, from_table: bool = False) -> SearchState:
    """Snapshot, superseded and later samples; without a snapshot every gallery sample is a later one."""
    changes = changes_of(connection, gallery)
    snapshot = None if from_table else _snapshot(connection, gallery)
    if snapshot is None:
        return SearchState(changes, None, np.empty(0, np.int64), all_vectors(connection, gallery, Role.GALLERY))
    removed = _superseded_ids(gallery, snapshot)
    later = (t.sample.c.id > snapshot.last_id, t.sample.c.id.in_(removed))  # one by one: an OR would read every id
    rows = [row for one in later for row in _rows_of(connection, gallery, Role.GALLERY, one)]
    ids = np.array(connection.execute(removed).scalars().all(), np.int64)
    return SearchState(changes, snapshot, ids, _decode_rows(sorted(rows), dim=gallery.dim))


def all_vectors(connection: Connection, gallery: GalleryRecord, role: Role) -> Labelled:
    """All vectors of a role by ascending id, each checked against its crc32."""
    return _decode_rows(_rows_of(connection, gallery, role), dim=gallery.dim)


def vectors(connection: Connection, gallery: GalleryRecord, ids: Iterable[int]) -> Labelled:
    """Vectors of these gallery samples by ascending id, each checked against its crc32.

    Gallery and role are compared here and not in SQL: asked for all three, SQLite reads every sample of the gallery.
    The ids are asked of the vectors: where these lie on several machines, only those that have them are asked.
    """
    c, mine, asked = t.sample.c, (gallery.id, Role.GALLERY.value), set(ids)
    wanted = select(*_VECTOR_COLUMNS, c.gallery_id, c.role).join_from(t.sample, t.vector)
    rows = [row for some in portions(asked) for row in connection.execute(wanted.where(t.vector.c.sample_id.in_(some)))]
    for some in portions(asked.difference(row[0] for row in rows)):
        _require_none(gallery, connection.execute(select(c.id).where(c.id.in_(some))).scalars().all())
    return _decode_rows(sorted(row[:4] for row in rows if row[4:] == mine), dim=gallery.dim)


def count(connection: Connection, gallery: GalleryRecord, role: Role) -> int:
    """How many samples of a role there are."""
    of_role = t.sample.c.gallery_id == gallery.id, t.sample.c.role == role.value
    return int(connection.execute(select(func.count()).select_from(t.sample).where(*of_role)).scalar_one())


def count_people(connection: Connection, gallery: GalleryRecord) -> tuple[int, int]:
    """How many identities have gallery samples, and how many samples those are."""
    sample = t.sample.c
    named = sample.gallery_id == gallery.id, sample.role == Role.GALLERY.value, sample.identity_id.is_not(None)
    people, samples = func.count(func.distinct(t.sample.c.identity_id)), func.count()
    row = connection.execute(select(people, samples).select_from(t.sample).where(*named)).one()
    return int(row[0]), int(row[1])


def publish(connection: Connection, gallery: GalleryRecord, snapshot: Snapshot, *, changes: int) -> None:
    """Put a snapshot in force, and forget what it made superfluous: nothing that changed after it was read.

    One that was read before the one in force is ignored: what it misses is no longer written down.
    """
    _require_ours(gallery, snapshot)
    count_change(connection, gallery)
    of_gallery = t.snapshot.c.gallery_id == gallery.id
    newest = connection.execute(select(t.snapshot.c.changes).where(of_gallery)).scalar()
    if newest is not None and newest > changes:
        return
    connection.execute(delete(t.snapshot).where(of_gallery))
    connection.execute(
        insert(t.snapshot).values(
            gallery_id=gallery.id,
            token=snapshot.token,
            space=snapshot.space,
            last_id=snapshot.last_id,
            dim=snapshot.dim,
            length=snapshot.length,
            changes=changes,
        )
    )
    done = t.superseded.c.gallery_id == gallery.id, t.superseded.c.change <= changes
    connection.execute(delete(t.superseded).where(*done))


def changes_of(connection: Connection, gallery: GalleryRecord) -> int:
    """The gallery's change counter.

    Raises `NotFoundError` where it was deleted, `GalleryChangedError` where it has another space by now.
    """
    found = select(t.gallery.c.changes, t.gallery.c.space).where(t.gallery.c.id == gallery.id)
    return require_unmoved(connection.execute(found).first(), gallery)


def _require_ours(gallery: GalleryRecord, snapshot: Snapshot) -> None:
    if (snapshot.gallery, snapshot.space, snapshot.dim) != (gallery.uuid, gallery.space, gallery.dim):
        raise SpaceMismatchError(
            f"the index file was not built from gallery '{gallery.name}': run 'identity doctor --rebuild'"
        )


def _snapshot(connection: Connection, gallery: GalleryRecord) -> Snapshot | None:
    c = t.snapshot.c
    found = select(c.token, c.space, c.last_id, c.dim, c.length).where(c.gallery_id == gallery.id)
    row = connection.execute(found).one_or_none()
    return None if row is None else Snapshot(row.token, gallery.uuid, row.space, row.last_id, row.dim, row.length)


def _superseded_ids(gallery: GalleryRecord, snapshot: Snapshot) -> Select[int]:
    c = t.superseded.c
    of_snapshot = c.gallery_id == gallery.id, c.sample_id <= snapshot.last_id
    return select(c.sample_id).where(*of_snapshot).order_by(c.sample_id)


def _rows_of(
    connection: Connection, gallery: GalleryRecord, role: Role, chosen: ColumnElement[bool] | None = None
) -> Sequence[Any]:
    """Samples of a role, all or those chosen, with their vectors; without any, no vector is looked for."""
    c = t.sample.c
    asked = [c.gallery_id == gallery.id, c.role == role.value, *([] if chosen is None else [chosen])]
    there = connection.execute(select(func.count()).select_from(t.sample).where(*asked)).scalar_one()
    if not there:
        return []
    rows = connection.execute(_WITH_VECTORS.where(*asked)).all()
    if len(rows) != there:
        held = {row[0] for row in rows}
        ids = connection.execute(select(c.id).where(*asked)).scalars()
        _require_none(gallery, [id_ for id_ in ids if id_ not in held])
    return rows


def _decode_rows(rows: Sequence[Any], *, dim: int) -> Labelled:
    if not rows:
        return Labelled(np.empty(0, np.int64), np.empty(0, np.int64), np.empty((0, dim), np.float32))
    ids, identities, vectors, sums = zip(*rows, strict=True)
    _require_sound(ids, vectors, sums, length=4 * dim)
    matrix = np.frombuffer(b"".join(vectors), "<f4").astype(np.float32, copy=False).reshape(-1, dim)
    named: Ids = np.array([NO_ID if identity is None else identity for identity in identities], np.int64)
    return Labelled(np.array(ids, np.int64), named, matrix)


def _require_sound(ids: Sequence[int], vectors: Sequence[bytes], sums: Sequence[int], *, length: int) -> None:
    for sample, vector, expected in zip(ids, vectors, sums, strict=True):
        if zlib.crc32(vector) != expected or len(vector) != length:
            raise StoreError(
                f"the vector of sample {sample} is damaged on the disk: restore a backup, or remove the sample and "
                "enroll its image again"
            )


def _require_none(gallery: GalleryRecord, missing: Sequence[int]) -> None:
    """Where a database is sharded, a worker may show the vectors of a batch a moment after the batch is there."""
    if missing:
        raise StoreError(
            f"{len(missing)} samples of gallery '{gallery.name}' have no vector that can be read (the first is "
            f"{missing[0]}): run the command again, and 'identity doctor' where that says the same"
        )
