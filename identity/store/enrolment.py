"""Writes one enrolled batch: images, identities, samples, vectors and crops, in the caller's one transaction."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict

import numpy as np
from sqlalchemy import ColumnElement, Connection, delete, exists, func, insert, or_, select

from identity.core.detail import OF_COMPRESSED
from identity.core.domain import reasons_for_good
from identity.core.errors import SpaceMismatchError, UsageError
from identity.core.revision import SecondLook
from identity.core.types import Box, GalleryRecord, Ids, NewSample, SourceImage
from identity.store import sealed_rows
from identity.store import tables as t
from identity.store.rows import count_change, identity_ids, now, portions
from identity.store.seals import resealed


def known_contents(connection: Connection, gallery: GalleryRecord, contents: Iterable[bytes]) -> set[bytes]:
    """Which of these image contents gave a sample, or were skipped for a reason that no rule changes."""
    held: set[bytes] = set()
    for portion in portions(contents):
        settled = or_(t.image.c.skipped.in_(reasons_for_good()), ~_SAMPLELESS)
        found = select(t.image.c.content).where(*_images_with(gallery, portion), settled)
        held.update(connection.execute(found).scalars())
    return held


def sizes_known_by_pixels(connection: Connection, gallery: GalleryRecord, *, above: int) -> set[tuple[int, int]]:
    """Width and height of each large image whose content is a digest of its pixels."""
    size = (t.image.c.width, t.image.c.height)
    by_pixels = func.substr(t.image.c.content, 33 - len(OF_COMPRESSED)) != OF_COMPRESSED
    large = t.image.c.width * t.image.c.height > above
    rows = connection.execute(select(*size).where(t.image.c.gallery_id == gallery.id, large, by_pixels).distinct())
    return {(row.width, row.height) for row in rows}


_SAMPLELESS = ~exists().where(t.sample.c.image_id == t.image.c.id)


def _images_with(gallery: GalleryRecord, contents: Sequence[bytes]) -> tuple[ColumnElement[bool], ...]:
    return t.image.c.gallery_id == gallery.id, t.image.c.content.in_(contents)


def add(
    connection: Connection,
    gallery: GalleryRecord,
    samples: Sequence[NewSample],
    *,
    skipped: Sequence[tuple[SourceImage, str]],
    again: SecondLook | None = None,
) -> Ids:
    """Write a batch, then what a second look at known images changes; the new ids, in the batch's order.

    A sample of an image that another writer enrolled meanwhile is left out, and so is the second of two samples
    with the same image and box. What was said of an image that a rule had left out gives way to what is said now.
    A skipped image that could not be decoded has no content to know it by: it is not
    written, and is looked at again next time.
    Raises `SpaceMismatchError` where a vector is not of the gallery's dimension.
    """
    from identity.store.revisions import revise  # a query needs none of it
    _require_fitting(gallery, samples)
    count_change(connection, gallery)
    ids = _add_new(connection, gallery, samples, skipped)
    if again is not None:
        revise(connection, gallery, again)
    return np.array(ids, np.int64)


def _add_new(
    connection: Connection,
    gallery: GalleryRecord,
    samples: Sequence[NewSample],
    skipped: Sequence[tuple[SourceImage, str]],
) -> list[int]:
    contents = [sample.image.content for sample in samples] + [image.content for image, _ in skipped]
    held = known_contents(connection, gallery, contents)
    chosen = _distinct_samples(sample for sample in samples if sample.image.content not in held)
    fresh = [content for content in contents if content and content not in held]
    with resealed(connection, gallery, sealed_rows.enrolment(connection, gallery, fresh)):
        image_ids = _add_images(connection, gallery, _images(chosen, skipped, held=held))
        ids = _add_samples(connection, gallery, chosen, image_ids) if chosen else []
        if ids:
            _add_vectors(connection, ids, chosen)
            _add_crops(connection, ids, chosen)
            _add_measures(connection, ids, chosen)
    return ids


def _require_fitting(gallery: GalleryRecord, samples: Sequence[NewSample]) -> None:
    for sample in samples:
        if sample.vector.shape != (gallery.dim,):
            raise SpaceMismatchError(
                f"{sample.image.name}: the vector has shape {sample.vector.shape}, but gallery '{gallery.name}' stores "
                f"vectors of {gallery.dim} numbers: enroll with the gallery's own model '{gallery.model}'"
            )
        if not sample.image.content:
            raise UsageError(f"{sample.image.name} has no digest of its pixels: read it with identity.imaging")


def _distinct_samples(samples: Iterable[NewSample]) -> list[NewSample]:
    first: dict[tuple[object, ...], NewSample] = {}
    for sample in samples:
        first.setdefault((sample.image.content, sample.box), sample)
    return list(first.values())


def _images(
    samples: Sequence[NewSample], skipped: Sequence[tuple[SourceImage, str]], *, held: set[bytes]
) -> dict[bytes, tuple[SourceImage, str | None]]:
    reasons = {image.content: reason for image, reason in reversed(skipped)}  # also of faces beside those taken
    found: dict[bytes, tuple[SourceImage, str | None]] = {}
    for image in [sample.image for sample in samples] + [image for image, _ in skipped]:
        if image.content and image.content not in held:
            found.setdefault(image.content, (image, reasons.get(image.content)))
    return found


def _add_images(
    connection: Connection, gallery: GalleryRecord, images: dict[bytes, tuple[SourceImage, str | None]]
) -> dict[bytes, int]:
    if not images:
        return {}
    for portion in portions(images):  # looked at again: no sample hangs on these
        connection.execute(delete(t.image).where(*_images_with(gallery, portion), _SAMPLELESS))
    rows = [_image_row(gallery, image, reason) for image, reason in images.values()]
    made = connection.execute(insert(t.image).returning(t.image.c.content, t.image.c.id), rows)
    return dict(made.all())


def _image_row(gallery: GalleryRecord, image: SourceImage, reason: str | None) -> dict[str, object]:
    return {
        "gallery_id": gallery.id,
        "content": image.content,
        "source": image.source,
        "path": image.path,
        "path_bytes": image.path_bytes,
        "row": image.row,
        "width": image.width,
        "height": image.height,
        "skipped": reason,
    }


def _add_samples(
    connection: Connection, gallery: GalleryRecord, samples: Sequence[NewSample], image_ids: dict[bytes, int]
) -> list[int]:
    identities = identity_ids(connection, gallery, (sample.identity for sample in samples))
    created_at = now()
    rows = [
        {
            "gallery_id": gallery.id,
            "image_id": image_ids[sample.image.content],
            "identity_id": identities[sample.identity],
            "role": sample.role.value,
            "x1": int(sample.box.x1),
            "y1": int(sample.box.y1),
            "x2": int(sample.box.x2),
            "y2": int(sample.box.y2),
            "score": float(sample.score),
            "created_at": created_at,
        }
        for sample in samples
    ]
    c = t.sample.c
    made = connection.execute(insert(t.sample).returning(c.id, c.image_id, c.x1, c.y1, c.x2, c.y2), rows).all()
    ids = {(image, Box(*box)): id_ for id_, image, *box in made}  # no order is promised, image and box are unique
    return [ids[image_ids[sample.image.content], sample.box] for sample in samples]


def _add_vectors(connection: Connection, ids: Sequence[int], samples: Sequence[NewSample]) -> None:
    vectors = (np.ascontiguousarray(sample.vector, dtype="<f4").tobytes() for sample in samples)
    rows = [
        {"sample_id": sample, "vector": vector, "crc32": zlib.crc32(vector)}
        for sample, vector in zip(ids, vectors, strict=True)
    ]
    connection.execute(insert(t.vector), rows)


def _add_crops(connection: Connection, ids: Sequence[int], samples: Sequence[NewSample]) -> None:
    cropped = ((id_, sample.crop) for id_, sample in zip(ids, samples, strict=True) if sample.crop is not None)
    rows = [{"sample_id": id_, "image": crop} for id_, crop in cropped]
    if rows:
        connection.execute(insert(t.crop), rows)


def _add_measures(connection: Connection, ids: Sequence[int], samples: Sequence[NewSample]) -> None:
    rows = [
        {"sample_id": id_, **asdict(sample.measures)}
        for id_, sample in zip(ids, samples, strict=True)
        if sample.measures is not None
    ]
    if rows:
        connection.execute(insert(t.quality), rows)
