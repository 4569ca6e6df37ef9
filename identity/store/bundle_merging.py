"""Which rows of a gallery that arrives are new to the gallery that takes them, and to which rows there they belong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from identity.core.bundle import TABLES, GalleryRows
from identity.core.errors import UsageError
from identity.core.types import GalleryRecord
from identity.store import tables as t
from identity.store.bundle_rows import of_gallery

_NAMED = 10  # names in one message


@dataclass(frozen=True, slots=True)
class Additions:
    """The places of the rows to write, by table, and the ids that other places have here already."""

    chosen: Mapping[str, Sequence[int]]
    ids: Mapping[str, dict[int, int]]

    @property
    def any(self) -> bool:
        """Whether there is something to write."""
        return any(self.chosen.values())


def everything(rows: GalleryRows) -> Additions:
    """All rows, for a gallery that holds nothing."""
    return Additions({table: range(rows.count(table)) for table in TABLES}, {table: {} for table in TABLES})


def additions(connection: Connection, gallery: GalleryRecord, rows: GalleryRows, *, merge_names: bool) -> Additions:
    """What a gallery lacks: samples by the pixels of their image and their box, images, and what hangs on them.

    What people decided comes along as far as it is about new samples; runs and thresholds only where nothing was
    there. Raises `UsageError` where a new sample would use a name that the gallery has, unless names are merged.
    """
    if _is_empty(connection, gallery):
        return everything(rows)
    tables = rows.tables
    images = _known(rows, "image", ("content",), _images(connection, gallery))
    boxes = _boxes(connection, gallery)
    samples = [place for place, key in enumerate(_keys(rows)) if key not in boxes]
    used = sorted({tables["sample"]["identity"][place] for place in samples} - {None})
    names = _known(rows, "identity", ("name",), _names(connection, gallery))
    if not merge_names:
        _require_new(gallery, [tables["identity"]["name"][place] for place in used if place in names])
    chosen: dict[str, Sequence[int]] = dict.fromkeys(TABLES, ())
    chosen["image"] = [place for place in range(rows.count("image")) if place not in images]
    chosen["identity"] = [place for place in used if place not in names]
    chosen["sample"] = samples
    for table in ("vector", "crop", "quality", "party_member", "set_aside"):
        chosen[table] = _where(tables[table]["sample"], set(samples))
    chosen["party"] = sorted({tables["party_member"]["party"][place] for place in chosen["party_member"]})
    chosen["refusal"] = _refusals(rows, chosen, {*chosen["identity"], *(names if merge_names else ())})
    return Additions(chosen, {table: {} for table in TABLES} | {"image": images, "identity": names})


def _is_empty(connection: Connection, gallery: GalleryRecord) -> bool:
    return all(connection.execute(of_gallery(table, gallery).limit(1)).first() is None for table in TABLES)


def _images(connection: Connection, gallery: GalleryRecord) -> dict[Any, int]:
    c = t.image.c
    return {(row[0],): row[1] for row in connection.execute(select(c.content, c.id).where(c.gallery_id == gallery.id))}


def _names(connection: Connection, gallery: GalleryRecord) -> dict[Any, int]:
    c = t.identity.c
    return {(row[0],): row[1] for row in connection.execute(select(c.name, c.id).where(c.gallery_id == gallery.id))}


def _boxes(connection: Connection, gallery: GalleryRecord) -> set[tuple[Any, ...]]:
    c = t.sample.c
    held = select(t.image.c.content, c.x1, c.y1, c.x2, c.y2).join_from(t.sample, t.image)
    return {tuple(row) for row in connection.execute(held.where(c.gallery_id == gallery.id))}


def _keys(rows: GalleryRows) -> list[tuple[Any, ...]]:
    contents, sample = rows.tables["image"]["content"], rows.tables["sample"]
    sides = (sample[side] for side in ("image", "x1", "y1", "x2", "y2"))
    return [(contents[image], *box) for image, *box in zip(*sides, strict=True)]


def _known(rows: GalleryRows, table: str, columns: tuple[str, ...], held: Mapping[Any, int]) -> dict[int, int]:
    keys = zip(*(rows.tables[table][column] for column in columns), strict=True)
    return {place: held[key] for place, key in enumerate(keys) if key in held}


def _where(places: Sequence[Any], wanted: set[int]) -> list[int]:
    return [row for row, place in enumerate(places) if place in wanted]


def _refusals(rows: GalleryRows, chosen: Mapping[str, Sequence[int]], identities: set[int]) -> list[int]:
    """Refusals of parties that come along, against samples and identities that do."""
    refusal = rows.tables["refusal"]
    targets = set(_where(refusal["sample"], set(chosen["sample"])) + _where(refusal["identity"], identities))
    return [row for row in _where(refusal["party"], set(chosen["party"])) if row in targets]


def _require_new(gallery: GalleryRecord, taken: Sequence[str]) -> None:
    if taken:
        listed = ", ".join(f"'{name}'" for name in taken[:_NAMED]) + (", ..." if len(taken) > _NAMED else "")
        raise UsageError(
            f"gallery '{gallery.name}' has names that new samples of the bundle have too ({listed}): say with "
            "--merge-names that they are the same identities, or import under another name with -g"
        )
