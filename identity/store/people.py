"""Keeps what only galleries of people have: the three points that decide, and which photograph a face was seen in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields

from sqlalchemy import Connection, func, insert, select

from identity.core.calibration import ChosenPoint, PeopleThresholds
from identity.core.types import GalleryRecord, Role
from identity.store import tables as t
from identity.store.rows import portions

PURPOSES = ("verify", "doubt", "search")
_FACTS = tuple(field.name for field in fields(ChosenPoint))


def photographs(connection: Connection, gallery: GalleryRecord, ids: Iterable[int]) -> dict[int, int]:
    """Which image each sample was seen in; samples that are gone are absent."""
    c = t.sample.c
    found: dict[int, int] = {}
    for portion in portions(int(sample) for sample in ids):
        wanted = select(c.id, c.image_id).where(c.gallery_id == gallery.id, c.id.in_(portion))
        found |= dict(connection.execute(wanted).all())
    return found


def put(connection: Connection, gallery: GalleryRecord, made: PeopleThresholds) -> None:
    """Write the points beside the calibration that was just written."""
    rows = [
        {"gallery_id": gallery.id, "purpose": purpose, "last_sample": made.last_sample}
        | {fact: getattr(getattr(made, purpose), fact) for fact in _FACTS}
        for purpose in PURPOSES
    ]
    connection.execute(insert(t.people_threshold), rows)


def thresholds(connection: Connection, gallery: GalleryRecord) -> PeopleThresholds | None:
    """The points in force, None for a calibration of another kind; outdated where samples were added since."""
    of_gallery = select(t.people_threshold).where(t.people_threshold.c.gallery_id == gallery.id)
    rows = {row.purpose: row for row in connection.execute(of_gallery)}
    if not rows:
        return None
    points = {purpose: ChosenPoint(**{fact: getattr(rows[purpose], fact) for fact in _FACTS}) for purpose in PURPOSES}
    last = int(rows["search"].last_sample)
    return PeopleThresholds(**points, last_sample=last, outdated=_newest(connection, gallery) > last)


def _newest(connection: Connection, gallery: GalleryRecord) -> int:
    searched = t.sample.c.gallery_id == gallery.id, t.sample.c.role == Role.GALLERY.value
    return int(connection.execute(select(func.max(t.sample.c.id)).where(*searched)).scalar() or 0)
