"""Galleries by name: made, found, counted and deleted with all that is theirs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import Connection, Select, and_, case, func, insert, select
from sqlalchemy.exc import IntegrityError

from identity.core.errors import UsageError
from identity.core.types import GalleryRecord, Role
from identity.store import removals, sealed_rows, seals
from identity.store import tables as t
from identity.store.rows import no_such_gallery, now
from identity.store.transactions import Transactions

if TYPE_CHECKING:
    from identity.core.stores import Counts

_NAME = re.compile(r"\w(?:[\w .@+-]{0,62}[\w.@+-])?")
GALLERY_COLUMNS = tuple(
    t.gallery.c[name] for name in ("id", "uuid", "name", "model", "detector", "space", "dim", "changes")
)


class SqlGalleries:
    """`core.stores.Galleries` over a database."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    def create(self, name: str, *, model: str, detector: str, space: str, dim: int) -> GalleryRecord:
        """Make an empty gallery. Raises `UsageError` where the name is taken or cannot be one."""
        try:
            with self._transactions.write() as connection:
                return add(connection, name, model=model, detector=detector, space=space, dim=dim, created_at=now())
        except IntegrityError as error:
            raise UsageError(f"gallery '{name}' exists already: choose another name, or delete the gallery") from error

    def get(self, name: str) -> GalleryRecord:
        """The gallery of this name. Raises `NotFoundError`."""
        with self._transactions.read() as connection:
            found = find(connection, name)
        if found is None:
            raise no_such_gallery(name)
        return found

    def list(self) -> list[GalleryRecord]:
        """All galleries, by name."""
        with self._transactions.read() as connection:
            return records(connection)

    def delete(self, name: str) -> int:
        """Delete a gallery with samples, vectors, crops and calibration; how many samples it had.

        The bytes are in the files until `Store.erase_removed`. Raises `NotFoundError`.
        """
        from identity.store.sample_bytes import delete_with_gallery  # a query needs none of it

        gallery = self.get(name)
        held = select(func.count()).select_from(t.sample).where(t.sample.c.gallery_id == gallery.id)
        with self._transactions.write(gallery) as connection:
            samples = connection.execute(held).scalar_one()
            delete_with_gallery(connection, gallery)
            removals.note(connection, gallery)
        return int(samples)

    def counts(self, gallery: GalleryRecord) -> Counts:
        """How much the gallery holds."""
        from identity.core.stores import Counts  # a query needs none of it

        with self._transactions.read() as connection:
            searched, calibrating, unnamed = connection.execute(_samples_of(gallery)).one()
            images, skipped = connection.execute(_images_of(gallery)).one()
            named = select(func.count()).select_from(t.identity).where(t.identity.c.gallery_id == gallery.id)
            identities = connection.execute(named).scalar_one()
        return Counts(searched, calibrating, identities, unnamed, images, skipped)


def find(connection: Connection, name: str) -> GalleryRecord | None:
    """The gallery of this name, if there is one."""
    row = connection.execute(select(*GALLERY_COLUMNS).where(t.gallery.c.name == name)).one_or_none()
    return None if row is None else GalleryRecord(*row)


def add(
    connection: Connection, name: str, *, model: str, detector: str, space: str, dim: int, created_at: str
) -> GalleryRecord:
    """Make an empty gallery with its seals. Raises `UsageError` where the name cannot be one."""
    if not _NAME.fullmatch(name):
        raise UsageError(f"'{name}' cannot name a gallery: use up to 64 letters, digits, spaces and . _ - @ +")
    made = GalleryRecord(0, uuid4().hex, name, model, detector, space, dim)
    row = {column.name: getattr(made, column.name) for column in GALLERY_COLUMNS[1:]}
    statement = insert(t.gallery).values(**row, created_at=created_at).returning(*GALLERY_COLUMNS)
    gallery = GalleryRecord(*connection.execute(statement).one())
    seals.put(connection, gallery, sealed_rows.everything(gallery))
    return gallery


def records(connection: Connection) -> list[GalleryRecord]:
    """All galleries, by name."""
    rows = connection.execute(select(*GALLERY_COLUMNS).order_by(t.gallery.c.name))
    return [GalleryRecord(*row) for row in rows]


def _samples_of(gallery: GalleryRecord) -> Select[int, int, int]:
    searched = t.sample.c.role == Role.GALLERY.value
    unnamed = and_(searched, t.sample.c.identity_id.is_(None))
    return select(
        func.count(case((searched, 1))), func.count(case((~searched, 1))), func.count(case((unnamed, 1)))
    ).where(t.sample.c.gallery_id == gallery.id)


def _images_of(gallery: GalleryRecord) -> Select[int, int]:
    return select(func.count(), func.count(t.image.c.skipped)).where(t.image.c.gallery_id == gallery.id)
