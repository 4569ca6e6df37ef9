"""On a worker: a shard is read from the database that the worker's own settings name; no address is sent to it."""

from __future__ import annotations

from identity.core.errors import GalleryChangedError, IdentityError, NotFoundError, StrangeCopyError, WorkersError
from identity.core.stores import Store
from identity.core.types import GalleryRecord, Labelled
from identity.settings import Settings, from_environment
from identity.workflows.shards.plan import ShardPlan

TIMES = 20  # that a shard is read where somebody changes the gallery between counter and transaction
CURE = "set IDENTITY_DATABASE_URL where the worker is started, then run the command again"


def read_shard(plan: ShardPlan, number: int, vouched: bool) -> tuple[int, Labelled]:  # noqa: FBT001 (by Dask)
    """The gallery's change counter and the samples of a shard, of one moment; crc32s are checked.

    Raises `WorkersError` where the worker's database cannot be read, or is another than the one that was planned from.
    """
    settings = from_environment()
    try:
        with_gallery = _opened(settings)
        try:
            return _read(with_gallery, plan, number, vouched=vouched, shown=settings.shown_database)
        finally:
            with_gallery.close()
    except WorkersError:
        raise
    except IdentityError as error:
        raise WorkersError(f"a worker cannot read {settings.shown_database} ({error}): {CURE}") from error


def _opened(settings: Settings) -> Store:
    from identity.store.opening import open_as_found, open_store

    open_as_found(settings.database)[0].close()  # a file that is not there is not made here
    return open_store(settings.database, command="identity shard")


def _read(store: Store, plan: ShardPlan, number: int, *, vouched: bool, shown: str) -> tuple[int, Labelled]:
    samples = store.samples(_gallery(store, plan, shown))
    for _ in range(TIMES):
        changes = samples.gallery.changes
        strange = changes < plan.changes or (vouched and plan.name not in samples.index_files.in_force())
        if strange:
            raise StrangeCopyError(f"a worker's database {shown} is an older or another copy of the gallery: {CURE}")
        try:
            return changes, samples.stored_vectors(changes).between(*plan.range_of(number))
        except GalleryChangedError:
            continue
    raise WorkersError("other programs change the gallery faster than a worker reads it: run the command again later")


def _gallery(store: Store, plan: ShardPlan, shown: str) -> GalleryRecord:
    for gallery in store.galleries.list():
        if gallery.uuid == plan.gallery:
            return gallery
    raise NotFoundError(f"the gallery is not in {shown}")
