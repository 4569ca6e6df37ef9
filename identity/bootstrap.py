"""The only composition root: settings in, working objects out. Every heavy import happens inside its functions."""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from identity.core.database_copy import OnRows, unwatched
from identity.core.durable import make_folder as make_folder
from identity.core.durable import replace_durably as replace_durably
from identity.core.errors import NotFoundError
from identity.core.stopping import STOPPING as STOPPING
from identity.core.watching import Say, nobody
from identity.settings import DEFAULT_GALLERY as DEFAULT_GALLERY
from identity.settings import Settings, chosen_gallery, from_environment

if TYPE_CHECKING:
    from collections.abc import Callable

    from identity.core.database_copy import DatabaseCopyReport
    from identity.core.index_ports import Snapshots
    from identity.core.pipeline_ports import Detector
    from identity.core.stores import Store
    from identity.core.types import GalleryRecord
    from identity.gallery import Gallery
    from identity.home import Home
    from identity.models import Models
    from identity.workflows.describe import Pipeline
    from identity.zoo.folder import ModelFolder

SHIPPED = Path(__file__).parent / "shipped"  # model and gallery that come with the package
MOST_WORKERS = 4  # each holds a batch of decoded images in memory


def open_home(
    *,
    home: str | Path | None = None,
    database: str | None = None,
    snapshot_limit: str | None = None,
    search_on: str | None = None,
    say: Say = nobody,
) -> Home:
    """Open a home, creating it with the shipped gallery `digits` the first time.

    A gallery whose vectors are larger than `snapshot_limit` ("4GB", "none") is searched where they are stored, without
    an index file; `search_on` (dask://HOST:PORT) names workers who search every gallery in their memory instead. `say`
    is told what was finished that an earlier program left undone. Raises `StoreError` where the home cannot be opened,
    or its database is newer than the program.
    """
    from identity.home import Home
    from identity.store.opening import open_store
    from identity.workflows.forgetting import finish_interrupted, finish_removals
    from identity.workflows.search_place import search_place

    settings = from_environment(home=home, database=database, snapshot_limit=snapshot_limit, search_on=search_on)
    store = open_store(settings.database, command=" ".join(["identity", *sys.argv[1:2]]))
    files, snapshots, leave = search_place(settings)
    finish = partial(finish_removals, store, snapshots)
    store.call_before_writing(partial(finish_interrupted, finish, say=say))
    for packed in [] if store.read_only else sorted((SHIPPED / "galleries").glob("*.npz")):
        if older := store.install(packed):
            snapshots.remove(older.uuid)
    models = model_folder(settings)
    make_gallery = partial(_gallery, settings, snapshots, store, models, finish)
    return Home(settings, store, models, partial(load_pipeline, models), make_gallery, finish, files, leave)


def open_gallery(
    name: str | None = None,
    *,
    home: str | Path | None = None,
    database: str | None = None,
    snapshot_limit: str | None = None,
    search_on: str | None = None,
    say: Say = nobody,
) -> Gallery:
    """Open one gallery, the home's default one unless named; use it in a `with` block, which closes it.

    Raises `NotFoundError` where there is no gallery of this name.
    """
    opened = open_home(home=home, database=database, snapshot_limit=snapshot_limit, search_on=search_on, say=say)
    try:
        return opened.open_gallery(name, on_close=opened.close)
    except BaseException:
        opened.close()
        raise


def open_models(*, home: str | Path | None = None, database: str | None = None) -> Models:
    """What `identity models` and `identity train` work with; no database is opened for it."""
    from identity.models import Models

    settings = from_environment(home=home, database=database)
    folder = model_folder(settings)
    return Models(folder, settings, partial(load_parallel_pipeline, folder))


def default_gallery(*, home: Path | None = None) -> str:
    """The gallery that is meant where none is named: the one chosen for this home, else `digits`."""
    return chosen_gallery(from_environment(home=home).home) or DEFAULT_GALLERY


def restored_place(path: Path, *, home: Path | None = None, database: str | None = None) -> str:
    """The database that `restore` would replace, as people write it. Raises `UsageError` where it is not its work."""
    from identity.store.opening import require_restorable

    settings = from_environment(home=home, database=database)
    require_restorable(settings.database, path)
    return settings.shown_database


def restore(path: Path, *, home: str | Path | None = None, database: str | None = None) -> None:
    """Make the home's database what the backup `path` is; it is not opened for that. Raises as `home.restore`."""
    from identity.home import restore as put_back

    put_back(from_environment(home=home, database=database), path)


def copy_database(source: str, target: str, *, on_rows: OnRows = unwatched, say: Say = nobody) -> DatabaseCopyReport:
    """Copy all galleries into an empty database; `say` is told where that begins anew. Raises as the store's."""
    from identity.store.database_copy.copying import copy_database as copy

    return copy(source, target, command="identity database copy", on_rows=on_rows, say=say)


def model_folder(settings: Settings) -> ModelFolder:
    """Installed models, and those that ship inside the package."""
    from identity.zoo.folder import ModelFolder

    return ModelFolder(settings.models, SHIPPED / "models")


def load_pipeline(models: ModelFolder, model: str, detector: str, *, threads: int | None = None) -> Pipeline:
    """The three steps from image to vector. Raises `NotFoundError` for a model or detector that is not installed."""
    from identity.embedders.runtimes import open_embedder
    from identity.imaging.aligners import aligner_for
    from identity.workflows.describe import Pipeline

    installed = models.get(model)
    embedder = open_embedder(installed.path, installed.manifest, threads=threads)
    return Pipeline(_detector(models, detector, threads), aligner_for(installed.manifest), embedder)


def load_parallel_pipeline(models: ModelFolder, model: str, detector: str) -> tuple[Pipeline, int]:
    """A pipeline for enrolment, and how many threads may use it at once: each network runs on one core.

    Measured on 2 cores with face-reid-0095: two threads with a session of one thread each need 1.75 s of processor
    time for 96 faces, one session over both cores 2.0 s, and 3.0 s where its threads spin while they wait.
    """
    cores = os.process_cpu_count() if hasattr(os, "process_cpu_count") else os.cpu_count()
    workers = max(1, min(MOST_WORKERS, cores or 1))
    return load_pipeline(models, model, detector, threads=max(1, (cores or 1) // workers)), workers


def _gallery(
    settings: Settings,
    snapshots: Snapshots,
    store: Store,
    models: ModelFolder,
    finish_removals: Callable[[], int],
    record: GalleryRecord,
    on_close: Callable[[], None],
) -> Gallery:
    from identity.gallery import Gallery
    from identity.gallery.images import images_of
    from identity.gallery.parts import connect_workers

    return Gallery(
        store=store.samples(record),
        load_cluster_store=partial(store.clusters, record),
        snapshots=snapshots,
        load_pipeline=partial(load_pipeline, models, record.model, record.detector),
        load_parallel_pipeline=partial(load_parallel_pipeline, models, record.model, record.detector),
        model=partial(models.facts, record.model),
        on_close=on_close,
        connect=partial(connect_workers, settings, record, partial(load_pipeline, threads=1), model_folder),
        read=partial(images_of, limits=settings.limits),
        finish_removals=finish_removals,
    )


def _detector(models: ModelFolder, name: str, threads: int | None) -> Detector:
    match name:
        case "whole":
            from identity.detectors.whole import WholeDetector

            return WholeDetector()
        case "yunet":
            from identity.detectors.yunet import YuNetDetector

            return YuNetDetector(models.get("yunet").path, threads=threads)
        case _:
            raise NotFoundError(f"there is no detector '{name}': choose 'whole' or 'yunet'")
