"""Known images looked at again: finds them by content, follows files that moved, names samples that had no name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, bindparam, select, update

from identity.core.revision import KnownImage, SecondLook
from identity.core.types import Box, GalleryRecord, Role, Sample
from identity.store import sample_changes, sealed_rows
from identity.store import tables as t
from identity.store.rows import portions
from identity.store.seals import resealed

_IMAGE = tuple(t.image.c[name] for name in ("id", "path", "path_bytes", "row", "content"))
_SAMPLE = tuple(t.sample.c[name] for name in ("id", "role", "x1", "y1", "x2", "y2", "score"))
_KNOWN = (
    select(*_IMAGE, t.identity.c.name, *_SAMPLE)
    .select_from(t.image)
    .outerjoin(t.sample, t.sample.c.image_id == t.image.c.id)
    .outerjoin(t.identity, t.sample.c.identity_id == t.identity.c.id)
    .order_by(t.image.c.id, t.sample.c.id)
)


def known_images(connection: Connection, gallery: GalleryRecord, contents: Iterable[bytes]) -> list[KnownImage]:
    """The images of these contents, by id, with all their samples."""
    images: dict[int, tuple[str | bytes, int | None, bytes]] = {}
    samples: dict[int, list[Sample]] = defaultdict(list)
    for portion in portions(contents):
        wanted = _KNOWN.where(t.image.c.gallery_id == gallery.id, t.image.c.content.in_(portion))
        for id_, path, raw, row, content, name, *sample in connection.execute(wanted):
            images[id_] = raw or path, row, content
            if sample[0] is not None:
                number, role, *box, score = sample
                samples[id_].append(Sample(number, name, Role(role), path, row, Box(*box), score))
    return [KnownImage(id_, *facts, tuple(samples[id_])) for id_, facts in images.items()]


def revise(connection: Connection, gallery: GalleryRecord, again: SecondLook) -> None:
    """Write what a second look finds: new paths, and names of samples that have none."""
    revision = again(known_images(connection, gallery, again.contents))
    if not revision:
        return
    if revision.paths:
        with resealed(connection, gallery, sealed_rows.images(revision.paths)):
            _move(connection, gallery, revision.paths)
    named: dict[str, list[int]] = defaultdict(list)
    for sample, name in revision.names.items():
        named[name].append(sample)
    for name, samples in named.items():
        sample_changes.relabel(connection, gallery, samples, name)


def _move(connection: Connection, gallery: GalleryRecord, paths: Mapping[int, tuple[str, bytes | None]]) -> None:
    c = t.image.c
    moved = update(t.image).where(c.gallery_id == gallery.id, c.id == bindparam("moved")).values(
        path=bindparam("shown"), path_bytes=bindparam("raw")
    )
    rows = [{"moved": id_, "shown": shown, "raw": raw} for id_, (shown, raw) in paths.items()]
    connection.execute(moved, rows)
