"""Reads samples as people look at them: by id or by what they search for, with their crops; and skipped images."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, or_, select

from identity.core.types import Box, GalleryRecord, Role, Sample
from identity.store import tables as t
from identity.store.measures import MEASURED, measures_of
from identity.store.rows import portions

_ROLES = {role.value: role for role in Role}
_COLUMNS = (t.identity.c.name, t.sample.c.role, t.image.c.path, t.image.c.row)
_BOX = (t.sample.c.x1, t.sample.c.y1, t.sample.c.x2, t.sample.c.y2)
_SEARCHED = (t.image.c.path, t.identity.c.name)
_SHOWN = (
    select(t.sample.c.id, *_COLUMNS, *_BOX, t.sample.c.score, *MEASURED, t.sample.c.gallery_id)
    .join_from(t.sample, t.image)
    .outerjoin(t.quality, t.quality.c.sample_id == t.sample.c.id)
    .outerjoin(t.identity, t.sample.c.identity_id == t.identity.c.id)
)


def samples(connection: Connection, gallery: GalleryRecord, ids: Iterable[int]) -> dict[int, Sample]:
    """Stored samples by id; ids that are gone are absent.

    The gallery is compared here and not in SQL: asked for both, SQLite reads every sample of the gallery (10-20 ms).
    """
    found: dict[int, Sample] = {}
    for portion in portions(int(sample) for sample in ids):
        rows = connection.execute(_SHOWN.where(t.sample.c.id.in_(portion)).order_by(t.sample.c.id)).all()
        found |= {row[0]: _sample(row) for row in rows if row[-1] == gallery.id}
    return found


def find(
    connection: Connection, gallery: GalleryRecord, *, identity: str | None, text: str | None, limit: int, after: int
) -> list[Sample]:
    """Samples with an id above `after`, ascending, at most `limit`: of an identity, or with a text in path or name."""
    wanted = _SHOWN.where(t.sample.c.gallery_id == gallery.id, t.sample.c.id > after)
    if identity is not None:
        wanted = wanted.where(t.identity.c.name == identity)
    if text is not None:
        wanted = wanted.where(or_(*(column.icontains(text, autoescape=True) for column in _SEARCHED)))
    return [_sample(row) for row in connection.execute(wanted.order_by(t.sample.c.id).limit(limit))]


def crops(connection: Connection, gallery: GalleryRecord, ids: Iterable[int]) -> dict[int, bytes]:
    """Crops by sample id, encoded as they were given; samples stored without one are absent."""
    found: dict[int, bytes] = {}
    for portion in portions(int(sample) for sample in ids):
        wanted = select(t.crop.c.sample_id, t.crop.c.image).join_from(t.crop, t.sample)
        rows = connection.execute(wanted.where(t.sample.c.gallery_id == gallery.id, t.crop.c.sample_id.in_(portion)))
        found |= dict(rows.all())
    return found


def skipped_images(connection: Connection, gallery: GalleryRecord) -> list[tuple[str, int | None, str]]:
    """Path, row and reason of every image that gave no sample, or of which a face was left out."""
    c = t.image.c
    wanted = select(c.path, c.row, c.skipped).where(c.gallery_id == gallery.id, c.skipped.is_not(None))
    return [(path, row, reason) for path, row, reason in connection.execute(wanted.order_by(c.id))]


def identities(connection: Connection, gallery: GalleryRecord) -> dict[int, str]:
    """Identity names by id."""
    wanted = select(t.identity.c.id, t.identity.c.name).where(t.identity.c.gallery_id == gallery.id)
    return dict(connection.execute(wanted.order_by(t.identity.c.id)).all())


def _sample(row: Sequence[Any]) -> Sample:
    # by place: ten thousand probes ask for 50,000
    id_, name, role, path, image_row, x1, y1, x2, y2, score, *measures, _ = row
    box = Box(x1, y1, x2, y2)
    return Sample(id_, name, _ROLES[role], path, image_row, box, score, measures_of(measures))


def photographs(connection: Connection, gallery: GalleryRecord, ids: Iterable[int]) -> dict[int, int]:
    """Which image each sample was seen in; samples that are gone are absent."""
    c = t.sample.c
    found: dict[int, int] = {}
    for portion in portions(int(sample) for sample in ids):
        wanted = select(c.id, c.image_id).where(c.gallery_id == gallery.id, c.id.in_(portion))
        found |= dict(connection.execute(wanted).all())
    return found
