"""What several stories of the store do to rows: count a change, find or make identities, ask in portions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import Connection, Row, insert, select, update

from identity.core.errors import GalleryChangedError, NotFoundError
from identity.core.types import GalleryRecord
from identity.store import tables as t

T = TypeVar("T")
PORTION = 2000  # values in one IN (...): far below every engine's limit


def now() -> str:
    """This moment as the store writes it: ISO 8601, UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def portions(values: Iterable[T]) -> Iterator[list[T]]:
    """The values once each, in lists short enough for one statement."""
    distinct = list(dict.fromkeys(values))
    for start in range(0, len(distinct), PORTION):
        yield distinct[start : start + PORTION]


def hold(connection: Connection, gallery: GalleryRecord) -> None:
    """Wait for those who write to a gallery, and make them wait; SQLite has one writer anyway."""
    connection.execute(select(t.gallery.c.id).where(t.gallery.c.id == gallery.id).with_for_update(key_share=True))


def count_change(connection: Connection, gallery: GalleryRecord) -> int:
    """Add 1 to the gallery's change counter and return it; first in every write, it makes the others wait.

    Raises `NotFoundError` where the gallery was deleted meanwhile, `GalleryChangedError` where it has another space.
    """
    counted = update(t.gallery).where(t.gallery.c.id == gallery.id).values(changes=t.gallery.c.changes + 1)
    counter = connection.execute(counted.returning(t.gallery.c.changes, t.gallery.c.space)).first()
    return require_unmoved(counter, gallery)


def require_unmoved(found: Row[int, str] | None, gallery: GalleryRecord) -> int:
    """The change counter out of (changes, space) of a gallery that is still there, in the same space."""
    if found is None:
        raise no_such_gallery(gallery.name)
    changes, space = found
    if space != gallery.space:
        raise GalleryChangedError(
            f"gallery '{gallery.name}' was re-embedded by another program meanwhile: run the command again"
        )
    return int(changes)


def no_such_gallery(name: str) -> NotFoundError:
    """The error for a gallery that is not there."""
    return NotFoundError(
        f"there is no gallery '{name}': see 'identity gallery list', or 'identity gallery create {name}'"
    )


def identity_ids(
    connection: Connection, gallery: GalleryRecord, names: Iterable[str | None]
) -> dict[str | None, int | None]:
    """Ids of the identities with these names, made where there are none yet; None stays None."""
    ids: dict[str | None, int | None] = {None: None}
    for portion in portions(name for name in names if name is not None):
        ids |= _known_identities(connection, gallery, portion)
        ids |= _insert_identities(connection, gallery, [name for name in portion if name not in ids])
    return ids


def _known_identities(connection: Connection, gallery: GalleryRecord, names: list[str]) -> dict[str | None, int | None]:
    found = select(t.identity.c.name, t.identity.c.id).where(
        t.identity.c.gallery_id == gallery.id, t.identity.c.name.in_(names)
    )
    return dict(connection.execute(found).all())


def _insert_identities(
    connection: Connection, gallery: GalleryRecord, names: list[str]
) -> dict[str | None, int | None]:
    if not names:
        return {}
    made = insert(t.identity).returning(t.identity.c.name, t.identity.c.id)
    rows = [{"gallery_id": gallery.id, "name": name} for name in names]
    return dict(connection.execute(made, rows).all())
