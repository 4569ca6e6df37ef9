"""The store over any SQL database: what all of them share, put together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from identity.core.calibration import Calibration
from identity.core.types import GalleryRecord
from identity.store import removals, shipped
from identity.store.galleries import SqlGalleries
from identity.store.samples import SampleStore
from identity.store.transactions import SqlDatabase

if TYPE_CHECKING:
    from identity.core.bundle import Arrival, GalleryRows
    from identity.core.sharding import ShardReport
    from identity.core.stores import DatabaseSystem
    from identity.store.clusters import SqlClusters
    from identity.store.reembeddings import SqlReembedding


class SqlStore:
    """`core.stores.Store` over an opened database."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    @property
    def location(self) -> str:
        """Where it lies, as people write it."""
        return self._database.location

    @property
    def how_to_restore(self) -> str:
        """What brings its last backup back, in words."""
        return self._database.how_to_restore

    @property
    def system(self) -> DatabaseSystem:
        """What keeps its rows, in which version."""
        from identity.store.systems import system_of  # a query needs none of it

        with self._database.read() as connection:
            return system_of(connection)

    @property
    def read_only(self) -> bool:
        """Whether nothing can be written to it."""
        return self._database.why_not_written is not None

    @property
    def galleries(self) -> SqlGalleries:
        """Its galleries."""
        return SqlGalleries(self._database)

    def samples(self, gallery: GalleryRecord) -> SampleStore:
        """The samples and the calibration of a gallery."""
        return SampleStore(self._database, gallery)

    def clusters(self, gallery: GalleryRecord) -> SqlClusters:
        """The clusters of a gallery."""
        from identity.store.clusters import SqlClusters  # a query needs none of it

        return SqlClusters(self._database, gallery)

    def reembedding(self, gallery: GalleryRecord) -> SqlReembedding:
        """The re-embedding of a gallery."""
        from identity.store.reembeddings import SqlReembedding

        return SqlReembedding(self._database, gallery)

    def install(self, packed: Path) -> GalleryRecord | None:
        """Install a gallery that ships as a file, unless the store ever had it; the older one it replaced, if any."""
        return shipped.install(self._database, packed)

    def pack(
        self, gallery: GalleryRecord, path: Path, *, credit: shipped.Credit, calibration: Calibration | None
    ) -> None:
        """Write a gallery as a file that `install` takes; for the script that builds the package."""
        shipped.pack(self._database, gallery, path, credit=credit, calibration=calibration)

    def call_before_writing(self, finish: Callable[[], None]) -> None:
        """Call this once, before the first transaction that writes."""
        self._database.before_writing = finish

    def removals(self) -> dict[int, str]:
        """Removals whose bytes may still be in a file: the gallery's uuid by the removal's id."""
        with self._database.read() as connection:
            return removals.unfinished(connection)

    def erase_removed(self, ids: Sequence[int]) -> None:
        """Leave nothing of what was deleted in any file of the database, then strike these removals out."""
        self._database.erase_deleted()
        with self._database.write() as connection:
            removals.strike_out(connection, ids)

    def problems(self) -> list[str]:
        """What the database itself finds damaged, and rows that refer to nothing."""
        return self._database.problems()

    def broken_seals(self, gallery: GalleryRecord) -> list[str]:
        """The parts of a gallery (samples, thresholds, clusters) whose rows are not those that were written."""
        from identity.store import sealed_rows, seals

        with self._database.read() as connection:
            return seals.broken_parts(connection, gallery, sealed_rows.everything(gallery))

    def accept_rows(self, gallery: GalleryRecord) -> None:
        """Take the rows of a gallery as they are for what was written."""
        from identity.store import sealed_rows, seals

        with self._database.write(gallery) as connection:
            seals.put(connection, gallery, sealed_rows.everything(gallery))

    def damaged_vectors(self, gallery: GalleryRecord) -> list[int]:
        """Samples of any role whose vector is missing, of another length, or not what its crc32 says."""
        from identity.store import integrity

        return integrity.damaged_vectors(self._database, gallery)

    def rows(self, gallery: GalleryRecord, *, crops: bool = True) -> GalleryRows:
        """All that a gallery consists of, of one moment, for a store elsewhere."""
        from identity.store.bundle_rows import read_rows

        return read_rows(self._database, gallery, crops=crops)

    def put_rows(self, rows: GalleryRows, *, name: str, merge_names: bool = False) -> Arrival:
        """Put rows of a store elsewhere into the gallery `name`, made where there is none; known samples stay."""
        from identity.store.bundle_writing import write_rows

        return write_rows(self._database, rows, name=name, merge_names=merge_names)

    def shard(self, *, shards: int | None = None) -> ShardReport:
        """Distribute vectors and crops over several machines, in `shards` pieces; what is distributed stays so."""
        return self._database.shard(shards=shards)

    def backup(self, path: Path) -> None:
        """Write the whole store, as it is at this moment, to one file, in place of an older backup."""
        self._database.backup(path)

    def close(self) -> None:
        """Give the database back."""
        self._database.close()
