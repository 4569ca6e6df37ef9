"""Takes the name of a person who is forgotten out of every path of a gallery; the files themselves stay as they are.

An image that gave no sample goes: it is looked at when it is met again. One that shows somebody else stays, and its
path says `(forgotten)` where the name stood; by its content it is known again, wherever its file is met.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, bindparam, delete, select, update

from identity.core.names_in_paths import NamesInPaths
from identity.core.shown import bytes_of_name, shown_name
from identity.core.types import GalleryRecord
from identity.store import tables as t
from identity.store.file_tables import file
from identity.store.rows import portions


def names_in_paths(connection: Connection, gallery: GalleryRecord, names: Sequence[str]) -> NamesInPaths:
    """What finds these names in paths, and tells them from names of people who stay."""
    mine = t.identity.c.gallery_id == gallery.id
    every = connection.execute(select(t.identity.c.name).where(mine)).scalars()
    return NamesInPaths(names, others=set(every).difference(names))


def images_that_name(
    connection: Connection, gallery: GalleryRecord, names: NamesInPaths
) -> dict[int, dict[str, object]]:
    """What is to be written for each image whose path or source holds one of the names."""
    if not names:
        return {}
    c = t.image.c
    wanted = select(c.id, c.source, c.path, c.path_bytes).where(c.gallery_id == gallery.id)
    found: dict[int, dict[str, object]] = {}
    for id_, source, path, raw in connection.execute(wanted):
        other_source = names.taken_out(source)
        other = names.taken_out(os.fsdecode(raw or path))
        if other_source is not None or other is not None:
            found[id_] = {"of": id_, "new_source": source if other_source is None else other_source}
            found[id_] |= {"shown": path, "raw": raw} if other is None else _path(other)
    return found


def take_out(
    connection: Connection, gallery: GalleryRecord, names: NamesInPaths, images: Mapping[int, dict[str, object]]
) -> None:
    """Write the paths of those images that are still there, and forget what files were called so."""
    if not names:
        return
    if images:
        changed = update(t.image).where(t.image.c.id == bindparam("of")).values(
            source=bindparam("new_source"), path=bindparam("shown"), path_bytes=bindparam("raw")
        )
        connection.execute(changed, list(images.values()))
    paths = connection.execute(select(file.c.path).where(file.c.gallery_id == gallery.id)).scalars()
    _forget_files(connection, gallery, [path for path in paths if names.taken_out(os.fsdecode(path)) is not None])


def _forget_files(connection: Connection, gallery: GalleryRecord, paths: Iterable[bytes]) -> None:
    for portion in portions(paths):
        connection.execute(delete(file).where(file.c.gallery_id == gallery.id, file.c.path.in_(portion)))


def _path(path: str) -> dict[str, object]:
    return {"shown": shown_name(path), "raw": bytes_of_name(path)}
