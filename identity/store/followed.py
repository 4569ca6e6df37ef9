"""Remembers which files were read and what they showed, and removes images whose files are gone."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, delete, exists, insert, select

from identity.core.followed import FileFacts, FollowedFile
from identity.core.types import GalleryRecord
from identity.store import sample_changes
from identity.store import tables as t
from identity.store.file_tables import file
from identity.store.rows import portions
from identity.store.transactions import Transactions


class SqlFollowedFiles:
    """`core.followed.FollowedFiles` over a database."""

    def __init__(self, transactions: Transactions, gallery: GalleryRecord) -> None:
        self._transactions = transactions
        self._gallery = gallery

    def files_below(self, folder: bytes) -> dict[bytes, FollowedFile]:
        """What was read in a folder."""
        has_samples = exists().where(t.sample.c.image_id == t.image.c.id)
        columns = (file.c.path, file.c.size, file.c.mtime_ns, t.image.c.content, t.image.c.width, t.image.c.height)
        low, high = _bounds(folder)
        wanted = select(*columns, has_samples).join_from(file, t.image, file.c.image_id == t.image.c.id)
        mine = wanted.where(file.c.gallery_id == self._gallery.id, file.c.path >= low, file.c.path < high)
        with self._transactions.read() as connection:
            rows = connection.execute(mine).all()
        return {path: FollowedFile(FileFacts(size, mtime), *image) for path, size, mtime, *image in rows}

    def images_below(self, folder: bytes) -> dict[int, bytes]:
        """Where images lie that were seen in a folder, by their id."""
        c = t.image.c
        wanted = select(c.id, c.path, c.path_bytes).where(c.gallery_id == self._gallery.id)
        low, high = _bounds(folder)
        with self._transactions.read() as connection:
            places = {id_: raw or os.fsencode(path) for id_, path, raw in connection.execute(wanted)}
        return {id_: path for id_, path in places.items() if low <= path < high}

    def put(self, files: Mapping[bytes, tuple[FileFacts, bytes]]) -> None:
        """Remember files, with the contents of the images that they show."""
        with self._transactions.write(self._gallery) as connection:
            ids = _ids(connection, self._gallery, [content for _, content in files.values()])
            rows = [
                {
                    "gallery_id": self._gallery.id, "path": path, "image_id": ids[content],
                    "size": facts.size, "mtime_ns": facts.mtime_ns,
                }
                for path, (facts, content) in files.items()
                if content in ids
            ]  # fmt: skip
            for portion in portions(files):
                mine = file.c.gallery_id == self._gallery.id
                connection.execute(delete(file).where(mine, file.c.path.in_(portion)))
            if rows:
                connection.execute(insert(file), rows)

    def remove_images(self, ids: Sequence[int]) -> int:
        """Delete images with all their samples, to be erased; how many samples there were."""
        with self._transactions.write(self._gallery) as connection:
            found: list[int] = []
            for portion in portions(ids):
                inside = select(t.sample.c.id).where(t.sample.c.image_id.in_(portion))
                found += connection.execute(inside).scalars()
            return sample_changes.remove(connection, self._gallery, found, images=ids)


def _bounds(folder: bytes) -> tuple[bytes, bytes]:
    """All paths inside the folder are at least the first and below the second."""
    inside = folder.rstrip(b"/") + b"/"
    return inside, inside[:-1] + b"0"  # the character after the slash


def _ids(connection: Connection, gallery: GalleryRecord, contents: Sequence[bytes]) -> dict[bytes, int]:
    found: dict[bytes, int] = {}
    for portion in portions(contents):
        wanted = select(t.image.c.content, t.image.c.id)
        mine = wanted.where(t.image.c.gallery_id == gallery.id, t.image.c.content.in_(portion))
        found |= dict(connection.execute(mine).all())
    return found
