"""Where a home's galleries are searched: in index files of its own, or in the memory of workers elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from identity.core.stores import SnapshotFiles
from identity.indexes.snapshot_folder import SnapshotFolder
from identity.settings import Settings


def search_place(settings: Settings) -> tuple[SnapshotFolder, SnapshotFiles, Callable[[], None]]:
    """The home's index files, what is searched (these, as a rule), and how to leave it. Nobody is connected to yet."""
    folder = SnapshotFolder(settings.snapshots, settings.snapshot_limit)
    if settings.search_on is None:
        return folder, folder, _nothing
    from identity.machines.opening import open_workers
    from identity.workflows.shards.tier import ShardSnapshots

    connect = partial(
        open_workers, settings.search_on, home=settings.home, database=settings.database, option="--search-on"
    )
    shards = ShardSnapshots(folder, connect)
    return folder, shards, shards.close


def _nothing() -> None:
    pass
