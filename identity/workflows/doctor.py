"""The examination of a home: reads every byte that matters, and says what is not as it was written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from identity.core.errors import IdentityError, ModelError
from identity.core.stopping import STOPPING
from identity.core.types import GalleryRecord, Role

if TYPE_CHECKING:
    from identity.core.stores import Store
    from identity.workflows.describe import Pipeline
    from identity.zoo.folder import ModelFolder

SHOWN = 5  # damaged samples named one by one


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was written: where, what, and what helps. `mended` where that was done at once."""

    place: str
    problem: str
    cure: str
    mended: bool = False


def examine(
    store: Store,
    snapshots: Path,
    models: ModelFolder,
    load_pipeline: Callable[[str, str], Pipeline],
    *,
    rebuild: bool,
) -> Iterator[Finding]:
    """Everything that is wrong with database, vectors, index files and models; index files are rebuilt if wanted."""
    for line in store.problems():
        yield Finding("database", line, "restore a backup with 'identity restore FILE'")
    yield from _models(models)
    for gallery in store.galleries.list():
        STOPPING.check()
        yield from _vectors_and_snapshot(store, snapshots, gallery, rebuild=rebuild)
        yield from _model_of(gallery, load_pipeline)


def _models(models: ModelFolder) -> Iterator[Finding]:
    try:
        names = [installed.manifest.name for installed in models.list()]
    except ModelError as error:
        yield Finding("models", str(error), "remove the folder of that model and add the model again")
        return
    for name in names:
        STOPPING.check()
        try:
            models.get(name)
        except ModelError as error:
            problem, _, cure = str(error).partition(": ")
            yield Finding(f"model '{name}'", problem, cure)


def _vectors_and_snapshot(
    store: Store, snapshots: Path, gallery: GalleryRecord, *, rebuild: bool
) -> Iterator[Finding]:
    damaged = store.damaged_vectors(gallery)
    if damaged:
        which = ", ".join(map(str, damaged[:SHOWN])) + (", ..." if len(damaged) > SHOWN else "")
        cure = f"restore a backup, or 'identity samples remove -g {gallery.name}' them and enroll their images again"
        yield Finding(_place(gallery), f"the vectors of {len(damaged)} samples are damaged: {which}", cure)
    else:
        yield from _snapshot(store, snapshots, gallery, rebuild=rebuild)


def _model_of(gallery: GalleryRecord, load_pipeline: Callable[[str, str], Pipeline]) -> Iterator[Finding]:
    try:
        space = load_pipeline(gallery.model, gallery.detector).space
    except IdentityError as error:
        yield Finding(_place(gallery), f"its model '{gallery.model}' cannot be used: {error}", "put that model back")
        return
    if space != gallery.space:
        cure = "put the version back that it was made with, or enroll the images into a new gallery"
        yield Finding(_place(gallery), f"it was made by another version of model '{gallery.model}'", cure)


def _snapshot(store: Store, folder: Path, gallery: GalleryRecord, *, rebuild: bool) -> Iterator[Finding]:
    from identity.indexes.checking import difference
    from identity.indexes.snapshot_folder import SnapshotFolder
    from identity.workflows import snapshots

    samples = store.samples(gallery)
    _, table = samples.all_vectors(Role.GALLERY)
    wrong = difference(folder, samples.search_state(), table)
    if wrong is None:
        return
    if rebuild:
        snapshots.rebuild(samples, SnapshotFolder(folder))
    cure = "run 'identity doctor --rebuild'"
    yield Finding(_place(gallery), f"its index file is wrong: {wrong}", cure, mended=rebuild)


def _place(gallery: GalleryRecord) -> str:
    return f"gallery '{gallery.name}'"
