"""Reads vectors with their samples and identities: each is compared with its crc32, and none is held twice."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Connection, Select, and_, func, select

from identity.core.errors import StoreError
from identity.core.types import NO_ID, GalleryRecord, Ids, Labelled, Role
from identity.store import tables as t
from identity.store.rows import portions

PORTION_BYTES = 1 << 24  # of vectors that are read at once
_COLUMNS = (t.sample.c.id, t.sample.c.identity_id, t.vector.c.vector, t.vector.c.crc32)


def vectors_of(gallery: GalleryRecord, role: Role) -> Select[int, int | None, bytes, int]:
    """The rows of a role's vectors, by ascending id."""
    mine = t.sample.c.gallery_id == gallery.id, t.sample.c.role == role.value
    return select(*_COLUMNS).join_from(t.sample, t.vector).where(*mine).order_by(t.sample.c.id)


def count(
    connection: Connection, gallery: GalleryRecord, role: Role, *, after: int = 0, last: int | None = None
) -> int:
    """How many samples of a role there are, above one id, and up to another where it is given."""
    of_role = t.sample.c.gallery_id == gallery.id, t.sample.c.role == role.value, _is_within(after, last)
    return int(connection.execute(select(func.count()).select_from(t.sample).where(*of_role)).scalar_one())


def vectors_where(
    connection: Connection, gallery: GalleryRecord, role: Role, condition: ColumnElement[bool]
) -> Labelled:
    """The vectors of a role of which something holds, by ascending id."""
    return labelled(connection.execute(vectors_of(gallery, role).where(condition)).all(), dim=gallery.dim)


def portions_of_vectors(
    connection: Connection, gallery: GalleryRecord, role: Role, *, after: int = 0, last: int | None = None
) -> Iterator[Labelled]:
    """All vectors of a role by ascending id, above one and up to another where they are given, a part at a time.

    Raises `StoreError` in the end where one is missing.
    """
    most, at, read, c = max(1, PORTION_BYTES // (4 * gallery.dim)), after, 0, t.sample.c
    while rows := connection.execute(vectors_of(gallery, role).where(_is_within(at, last)).limit(most)).all():
        yield labelled(rows, dim=gallery.dim)
        at, read = rows[-1][0], read + len(rows)
    if read != count(connection, gallery, role, after=after, last=last):
        mine = c.gallery_id == gallery.id, c.role == role.value, _is_within(after, last)
        of_role = select(c.id).where(*mine)
        held = select(c.id).join_from(t.sample, t.vector).where(*mine)
        there, with_vectors = (set(connection.execute(one).scalars()) for one in (of_role, held))
        require_vectors(gallery, there - with_vectors)


def _is_within(after: int, last: int | None) -> ColumnElement[bool]:
    above = t.sample.c.id > after
    return above if last is None else and_(above, t.sample.c.id <= last)


def all_vectors(
    connection: Connection, gallery: GalleryRecord, role: Role, *, after: int = 0, last: int | None = None
) -> Labelled:
    """All vectors of a role, or those above one id and up to another, by ascending id, written where they stay."""
    n, start = count(connection, gallery, role, after=after, last=last), 0
    ids, identities, vectors = np.empty(n, np.int64), np.empty(n, np.int64), np.empty((n, gallery.dim), np.float32)
    for portion in portions_of_vectors(connection, gallery, role, after=after, last=last):
        part = slice(start, start + len(portion.ids))
        ids[part], identities[part], vectors[part] = portion.ids, portion.identities, portion.vectors
        start = part.stop
    return Labelled(ids, identities, vectors)


def vectors(connection: Connection, gallery: GalleryRecord, ids: Iterable[int]) -> Labelled:
    """Vectors of these gallery samples by ascending id.

    Gallery and role are compared here and not in SQL: asked for all three, SQLite reads every sample of the gallery.
    The ids are asked of the vectors: where these lie on several machines, only those that have them are asked.
    """
    c, mine, asked = t.sample.c, (gallery.id, Role.GALLERY.value), set(ids)
    wanted = select(*_COLUMNS, c.gallery_id, c.role).join_from(t.sample, t.vector)
    rows = [row for some in portions(asked) for row in connection.execute(wanted.where(t.vector.c.sample_id.in_(some)))]
    for some in portions(asked.difference(row[0] for row in rows)):
        require_vectors(gallery, set(connection.execute(select(c.id).where(c.id.in_(some))).scalars()))
    return labelled(sorted(row[:4] for row in rows if row[4:] == mine), dim=gallery.dim)


def labelled(rows: Sequence[Any], *, dim: int) -> Labelled:
    """Rows of sample, identity, vector and crc32 as arrays. Raises `StoreError` for a damaged vector."""
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


def require_vectors(gallery: GalleryRecord, missing: Collection[int]) -> None:
    """Raise `StoreError` for samples that have none: a worker may show those of a batch a moment after the batch."""
    if missing:
        raise StoreError(
            f"{len(missing)} samples of gallery '{gallery.name}' have no vector that can be read (the first is "
            f"{min(missing)}): run the command again, and 'identity doctor' where that says the same"
        )
