"""The folder of a home's index files: who may write them, which one is opened, and which ones go."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from identity.core.durable import make_folder
from identity.core.index_ports import VectorSource
from identity.core.search_state import SearchState, Snapshot
from identity.core.types import GalleryRecord, Labelled, Role
from identity.indexes.certified import Certified
from identity.indexes.choice import in_memory
from identity.indexes.codes_file import codes_path
from identity.indexes.combined import Combined
from identity.indexes.flat import Flat
from identity.indexes.snapshot import cannot_write, open_snapshot, path_of, write

LOCK, LOCK_TIMEOUT_S = ".lock", 60
UUID = re.compile(r"[0-9a-f]{32}[-.]")


@dataclass(frozen=True)
class SnapshotFolder:
    """Implements the port `Snapshots` over one folder."""

    folder: Path
    limit_bytes: int | None = None  # of the vectors in one file; a larger gallery is searched where it is stored

    def index(self, state: SearchState) -> Flat | Certified | Combined:
        """Snapshot and later samples as one index; raises `IndexFileError` where the file does not fit."""
        later = in_memory(state.later)
        if state.snapshot is None:
            return later
        stored = open_snapshot(self.folder, state.snapshot).without(state.superseded)
        return Combined((stored, later)) if len(state.later.ids) else stored

    def holds(self, samples: int, *, dim: int) -> bool:
        """Whether a file of so many samples may lie here."""
        return self.limit_bytes is None or 4 * dim * samples <= self.limit_bytes

    def held(self, gallery: GalleryRecord) -> set[str]:
        """The names of the gallery's files that lie here, whatever the database says of them."""
        start = len(gallery.uuid) + 1
        return {path.stem[start:] for path in self.folder.glob(f"{gallery.uuid}-*.faiss")}

    @contextmanager
    def writing(self, gallery: GalleryRecord) -> Iterator[None]:
        """A block in which no other process writes or sweeps files of this gallery; a killed one holds nothing.

        Raises `IndexFileError` where another is at it for too long, or nothing can be written.
        """
        from filelock import FileLock, Timeout  # a query that finds its file needs none of it

        try:
            make_folder(self.folder)
            lock = FileLock(self.folder / f"{gallery.uuid}{LOCK}", timeout=LOCK_TIMEOUT_S, mode=0o600)
            lock.acquire()
        except (OSError, Timeout) as error:
            raise cannot_write(self.folder, error) from error
        try:
            yield
        finally:
            lock.release()

    def take(self, source: VectorSource) -> tuple[int, Snapshot]:
        """A new file over all samples that a store has, and the change counter when they were read."""
        changes, labelled = source.all_vectors(Role.GALLERY)
        return changes, self.write(source.gallery, labelled)

    def write(self, gallery: GalleryRecord, labelled: Labelled) -> Snapshot:
        """A new file over all samples given; it counts once the store has published it."""
        return write(self.folder, gallery, labelled, last_id=int(labelled.ids.max(initial=0)))

    def sweep(self, gallery: GalleryRecord, *, keep: Collection[str]) -> None:
        """Delete every file of a gallery but those in force; half-written files go with them."""
        for path in self.superseded(gallery, keep=keep):
            path.unlink(missing_ok=True)

    def superseded(self, gallery: GalleryRecord, *, keep: Collection[str]) -> list[Path]:
        """Files of a gallery that are not in force: half-written ones, or left by a program that was killed."""
        current = [path_of(self.folder, gallery.uuid, name) for name in keep]
        kept = {*current, *map(codes_path, current)}
        return sorted(path for path in self.folder.glob(f"{gallery.uuid}-*") if path not in kept)

    def remove(self, uuid: str) -> None:
        """Delete every file of the gallery with this uuid, its lock too; it may itself be gone."""
        for path in self.folder.glob(f"{uuid}[-.]*"):
            path.unlink(missing_ok=True)

    def strays(self, galleries: Iterable[str]) -> list[Path]:
        """Files of galleries that are not among these uuids: nobody will ever open them again."""
        ours = set(galleries)
        return sorted(path for path in self.folder.glob("*") if UUID.match(path.name) and path.name[:32] not in ours)
