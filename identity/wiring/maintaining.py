"""Keeping a home sound: an examination that reads every byte that matters, backups, and their return."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from identity.core.errors import IdentityError, ModelError
from identity.settings import Settings
from identity.wiring import Home, load_pipeline

if TYPE_CHECKING:
    from identity.core.types import Gallery

SHOWN = 5  # damaged samples named one by one


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was written: where, what, and what helps. `mended` where that was done at once."""

    place: str
    problem: str
    cure: str
    mended: bool = False


def examine(home: Home, *, rebuild: bool = False) -> Iterator[Finding]:
    """Everything that is wrong with database, vectors, index files and models; index files are rebuilt if wanted."""
    from identity.store.soundness import broken_pages

    for line in broken_pages(home.database):
        yield Finding("database", line, "restore a backup with 'identity restore FILE'")
    yield from _models(home)
    for gallery, _ in home.galleries():
        yield from _gallery(home, gallery, rebuild=rebuild)


def _models(home: Home) -> Iterator[Finding]:
    try:
        names = [installed.manifest.name for installed in home.models.list()]
    except ModelError as error:
        yield Finding("models", str(error), "remove the folder of that model and add the model again")
        return
    for name in names:
        try:
            home.models.verify(name)
        except ModelError as error:
            problem, _, cure = str(error).partition(": ")
            yield Finding(f"model '{name}'", problem, cure)


def _gallery(home: Home, gallery: Gallery, *, rebuild: bool) -> Iterator[Finding]:
    from identity.store.soundness import damaged_vectors

    place = f"gallery '{gallery.name}'"
    damaged = damaged_vectors(home.database, gallery)
    if damaged:
        which = ", ".join(map(str, damaged[:SHOWN])) + (", ..." if len(damaged) > SHOWN else "")
        cure = f"restore a backup, or 'identity samples remove -g {gallery.name}' them and enroll their images again"
        yield Finding(place, f"the vectors of {len(damaged)} samples are damaged: {which}", cure)
    else:
        yield from _snapshot(home, gallery, place, rebuild=rebuild)
    try:
        space = load_pipeline(home.models, model=gallery.model, detector=gallery.detector).space
    except IdentityError as error:
        yield Finding(place, f"its model '{gallery.model}' cannot be used: {error}", "put that model back")
        return
    if space != gallery.space:
        cure = "put the version back that it was made with, or enroll the images into a new gallery"
        yield Finding(place, f"it was made by another version of model '{gallery.model}'", cure)


def _snapshot(home: Home, gallery: Gallery, place: str, *, rebuild: bool) -> Iterator[Finding]:
    from identity.core.types import Role
    from identity.indexes.checking import difference
    from identity.workflows import searching

    opened = home.open_gallery(gallery.name)
    _, table = opened.store.all_vectors(Role.GALLERY)
    wrong = difference(home.settings.snapshots, opened.store.search_state(), table)
    if wrong is None:
        return
    if rebuild:
        searching.rebuild(opened.store, opened.snapshots)
    yield Finding(place, f"its index file is wrong: {wrong}", "run 'identity doctor --rebuild'", mended=rebuild)


def back_up(home: Home, path: Path) -> int:
    """Write the whole database, as it is at this moment, to `path`; its size in bytes.

    Raises `StoreError` where `path` holds something that is no backup, or cannot be written.
    """
    from identity.store import backup

    if path.exists():
        backup.require_sound(path)
    backup.backup(home.database, path)
    return path.stat().st_size


def restore(settings: Settings, path: Path) -> None:
    """Make the database what the backup `path` is. Index files go: they are rebuilt, and may hold who was forgotten.

    Raises `NotFoundError` without a backup there, `StoreError` where it is damaged, newer than this program, or no
    backup of ours, `StoreBusyError` where others keep working with the database.
    """
    from identity.store import backup

    backup.restore(path, settings.database)
    for file in settings.snapshots.glob("*.faiss"):
        file.unlink(missing_ok=True)
