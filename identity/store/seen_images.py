"""Reads images with the samples that were seen in them: some after the other, or those of given contents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, select

from identity.core.types import Box, GalleryRecord, Role, Sample, SeenImage
from identity.store import tables as t
from identity.store.measures import MEASURED, measures_of
from identity.store.rows import portions

_IMAGE = tuple(t.image.c[name] for name in ("id", "path", "path_bytes", "row", "content", "width", "height"))
_SAMPLE = (t.sample.c.id, t.identity.c.name, t.sample.c.role, *(t.sample.c[edge] for edge in ("x1", "y1", "x2", "y2")))
_SEEN = (
    select(*_IMAGE, *_SAMPLE, t.sample.c.score, *MEASURED)
    .join_from(t.image, t.sample)
    .outerjoin(t.quality, t.quality.c.sample_id == t.sample.c.id)
    .outerjoin(t.identity, t.sample.c.identity_id == t.identity.c.id)
    .order_by(t.image.c.id, t.sample.c.id)
)


def seen_images(connection: Connection, gallery: GalleryRecord, *, after: int, limit: int) -> list[SeenImage]:
    """At most `limit` images with an id above `after`, by id; those without samples are left out."""
    mine = t.image.c.gallery_id == gallery.id
    seen = select(t.sample.c.image_id).where(t.sample.c.gallery_id == gallery.id, t.sample.c.image_id > after)
    last = connection.execute(seen.distinct().order_by(t.sample.c.image_id).limit(limit)).scalars().all()
    return _read(connection, mine, t.image.c.id > after, t.image.c.id <= last[-1]) if last else []


def images_with(connection: Connection, gallery: GalleryRecord, contents: Iterable[bytes]) -> list[SeenImage]:
    """The images of these contents that gave samples."""
    mine = t.image.c.gallery_id == gallery.id
    return [
        one for portion in portions(contents) for one in _read(connection, mine, t.image.c.content.in_(portion))
    ]


def _read(connection: Connection, *wanted: ColumnElement[bool]) -> list[SeenImage]:
    rows = connection.execute(_SEEN.where(*wanted)).all()
    return [_image([*group]) for _, group in groupby(rows, key=lambda row: row[0])]


def _image(rows: Sequence[Sequence[Any]]) -> SeenImage:
    id_, path, raw, inside, content, width, height = rows[0][: len(_IMAGE)]
    samples = tuple(_sample(path, inside, row[len(_IMAGE) :]) for row in rows)
    return SeenImage(id_, raw or path, inside, content, width, height, samples)


def _sample(path: str, inside: int | None, row: Sequence[Any]) -> Sample:
    id_, name, role, x1, y1, x2, y2, score, *measures = row
    return Sample(id_, name, Role(role), path, inside, Box(x1, y1, x2, y2), score, measures_of(measures))
