"""Finish removals: no index file and no file of the database keeps a byte of what was removed.

A removal is written down with the rows it deletes, so that whoever comes next finishes what was interrupted.
"""

from __future__ import annotations

from collections.abc import Callable

from identity.core.errors import IndexFileError, StoreBusyError, StoreError, WorkersError
from identity.core.ports import GalleryStore
from identity.core.stores import SnapshotFiles, Store
from identity.core.watching import Say
from identity.workflows import snapshots as searching


def finish_removals(store: Store, snapshots: SnapshotFiles) -> int:
    """Rebuild or delete the index files of the galleries concerned, then erase; how many removals there were.

    Raises `StoreError` or `IndexFileError` where it cannot be done now: the removals then stay written down.
    """
    removals = store.removals()
    if not removals:
        return 0
    store.call_before_writing(_nothing)  # it is being done
    galleries = {gallery.uuid: gallery for gallery in store.galleries.list()}
    for uuid in sorted(set(removals.values())):
        if uuid not in galleries or not _is_rebuilt(store.samples(galleries[uuid]), snapshots):
            snapshots.remove(uuid)
    store.erase_removed(list(removals))
    return len(removals)


def _is_rebuilt(samples: GalleryStore, snapshots: SnapshotFiles) -> bool:
    """Whether there is a new file; where another vector is damaged there can be none, and the old one must go."""
    try:
        searching.rebuild(samples, snapshots, alone=True)
    except StoreBusyError:
        raise
    except StoreError:
        return False
    return True


def _nothing() -> None:
    pass


def finish_interrupted(finish: Callable[[], int], *, say: Say) -> None:
    """Finish what earlier programs left, and say so; what cannot be finished now stays for the next."""
    try:
        finished = finish()
    except (StoreError, IndexFileError, WorkersError):
        return
    if finished:
        say(f"finished {finished} removals that were interrupted: what was removed is in no file any more")
