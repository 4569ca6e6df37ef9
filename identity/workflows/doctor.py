"""The examination of a home: reads every byte that matters, says what is not as it was written, finishes what is left.

Whatever a damaged row makes a look raise is a finding too: an examination stops half-way only where the database goes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from identity.core.errors import IdentityError, ModelError, StoreGoneError
from identity.core.ports import GalleryStore
from identity.core.stopping import STOPPING
from identity.core.types import GalleryRecord, Role

if TYPE_CHECKING:
    from identity.core.stores import Store
    from identity.indexes.snapshot_folder import SnapshotFolder
    from identity.workflows.describe import Pipeline
    from identity.zoo.folder import ModelFolder

SHOWN = 5  # damaged samples named one by one
LOOK = "look through 'identity samples list' and 'identity people list' and run 'identity doctor --accept'"

Findings = Iterator[tuple[str, str] | tuple[str, str, bool]]  # problem, cure, and whether it was mended


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was written: where, what, and what helps. `mended` where that was done at once."""

    place: str
    problem: str
    cure: str
    mended: bool = False


@dataclass(frozen=True, slots=True)
class Mending:
    """What the examination may do about what it finds, beside finishing what was interrupted."""

    rebuild: bool = False  # wrong index files
    accept: bool = False  # take the rows of damaged galleries for what was written


def examine(
    store: Store,
    snapshots: SnapshotFolder,
    models: ModelFolder,
    load_pipeline: Callable[[str, str], Pipeline],
    finish_removals: Callable[[], int],
    *,
    mending: Mending,
) -> Iterator[Finding]:
    """Everything that is wrong with database, rows, vectors, index files and models; what is left over is swept.

    Raises `StoreGoneError` where the database's server goes meanwhile: that is no damage.
    """
    looked_at = partial(_looked_at, store.how_to_restore)
    yield from looked_at("database", partial(_database, store))
    yield from looked_at("database", partial(_removals, finish_removals))
    names: list[str] = []
    yield from looked_at("models", partial(_list_models, models, names))
    for name in names:
        yield from looked_at(f"model '{name}'", partial(_model, models, name))
    galleries: list[GalleryRecord] = []
    yield from looked_at("database", partial(_list_galleries, store, galleries))
    yield from looked_at("index files", partial(_strays, snapshots, galleries))
    for gallery in galleries:
        looks = (
            partial(_rows, store, gallery, accept=mending.accept),
            partial(_superseded, store.samples(gallery), snapshots),
            partial(_vectors_and_snapshot, store, snapshots, gallery, rebuild=mending.rebuild),
            partial(_model_of, gallery, load_pipeline),
        )
        for look in looks:
            yield from looked_at(f"gallery '{gallery.name}'", look)


def _looked_at(restore: str, place: str, look: Callable[[], Findings]) -> Iterator[Finding]:
    """The findings of one look."""
    STOPPING.check()
    try:
        yield from (Finding(place, *found) for found in look())
    except StoreGoneError:
        raise
    except IdentityError as error:
        problem, _, cure = str(error).partition(": ")
        yield Finding(place, problem, cure or restore)
    except Exception as error:  # noqa: BLE001 (damage may raise anything, and all of it is a finding)
        yield Finding(place, f"what stands there cannot be read ({type(error).__name__}: {error})", restore)


def _database(store: Store) -> Findings:
    for line in store.problems():
        yield line, store.how_to_restore


def _removals(finish_removals: Callable[[], int]) -> Findings:
    if finished := finish_removals():
        yield f"{finished} removals were interrupted before every file had forgotten", "finished", True


def _list_galleries(store: Store, found: list[GalleryRecord]) -> Findings:
    found += store.galleries.list()
    return iter(())


def _strays(snapshots: SnapshotFolder, galleries: list[GalleryRecord]) -> Findings:
    strays = snapshots.strays(gallery.uuid for gallery in galleries)
    for stray in strays:
        stray.unlink(missing_ok=True)
    if strays:
        yield f"{len(strays)} files belong to no gallery", "deleted", True


def _superseded(samples: GalleryStore, snapshots: SnapshotFolder) -> Findings:
    """They may show samples that the gallery has no more, as where a restoring program was killed."""
    gallery = samples.gallery
    if not snapshots.superseded(gallery, keep=samples.index_files.in_force()):
        return
    with snapshots.writing(gallery):  # what somebody is just writing is in force by now
        keep = samples.index_files.in_force()
        left = snapshots.superseded(gallery, keep=keep)
        snapshots.sweep(gallery, keep=keep)
    if left:
        yield f"index files no longer in force: {len(left)}", "deleted", True


def _list_models(models: ModelFolder, found: list[str]) -> Findings:
    try:
        found += [installed.manifest.name for installed in models.list()]
    except ModelError as error:
        yield str(error), "remove the folder of that model and add the model again"


def _model(models: ModelFolder, name: str) -> Findings:
    models.get(name)
    return iter(())


def _rows(store: Store, gallery: GalleryRecord, *, accept: bool) -> Findings:
    for part in store.broken_seals(gallery):
        again = f"run 'identity calibrate -g {gallery.name}'" if part == "thresholds" else LOOK
        yield f"rows of its {part} are not those that were written", f"restore a backup, or {again}", accept
    if accept:
        store.accept_rows(gallery)


def _vectors_and_snapshot(
    store: Store, snapshots: SnapshotFolder, gallery: GalleryRecord, *, rebuild: bool
) -> Findings:
    damaged = store.damaged_vectors(gallery)
    if damaged:
        which = ", ".join(map(str, damaged[:SHOWN])) + (", ..." if len(damaged) > SHOWN else "")
        cure = f"restore a backup, or 'identity samples remove -g {gallery.name}' them and enroll their images again"
        yield f"the vectors of {len(damaged)} samples are damaged: {which}", cure
    else:
        yield from _snapshot(store, snapshots, gallery, rebuild=rebuild)


def _model_of(gallery: GalleryRecord, load_pipeline: Callable[[str, str], Pipeline]) -> Findings:
    try:
        space = load_pipeline(gallery.model, gallery.detector).space
    except IdentityError as error:
        yield f"its model '{gallery.model}' cannot be used: {error}", "put that model back"
        return
    if space != gallery.space:
        cure = "put the version back that it was made with, or enroll the images into a new gallery"
        yield f"it was made by another version of model '{gallery.model}'", cure


def _snapshot(store: Store, snapshots: SnapshotFolder, gallery: GalleryRecord, *, rebuild: bool) -> Findings:
    from identity.indexes.checking import difference
    from identity.workflows.snapshots import rebuild as write_anew

    samples = store.samples(gallery)
    _, table = samples.all_vectors(Role.GALLERY)
    state = samples.search_state(snapshots.held(gallery))
    wrong = None if state is None else difference(snapshots.folder, state, table)
    if wrong is None:
        return
    if rebuild:
        write_anew(samples, snapshots)
    yield f"its index file is wrong: {wrong}", "run 'identity doctor --rebuild'", rebuild
