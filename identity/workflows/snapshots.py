"""Open a gallery's search set, and keep its snapshot fresh. The table is the truth; the file is rebuilt at will."""

from __future__ import annotations

from identity.core.errors import IndexFileError
from identity.core.ports import GalleryStore, Index, Snapshots
from identity.core.search_state import SearchState
from identity.core.types import Role

SMALL = 2_000  # samples that may live outside the snapshot: reading them costs a few milliseconds
SHARE = 0.05  # of the snapshot's length, where that is more


def open_index(store: GalleryStore, snapshots: Snapshots) -> tuple[int, Index]:
    """The search set and the change counter it stands for; a snapshot that does not fit is rebuilt."""
    state = store.search_state()
    try:
        if not _is_outgrown(state):
            return state.changes, snapshots.index(state)
    except IndexFileError:
        pass  # answered by rebuilding
    rebuild(store, snapshots)
    state = store.search_state()
    return state.changes, snapshots.index(state)


def rebuild(store: GalleryStore, snapshots: Snapshots) -> None:
    """Write the snapshot anew from the table, put it in force, delete every other file of the gallery."""
    changes, labelled = store.all_vectors(Role.GALLERY)
    store.publish(snapshots.write(store.gallery, labelled), changes=changes)
    snapshots.sweep(store.gallery, keep=store.search_state().snapshot)


def _is_outgrown(state: SearchState) -> bool:
    length = state.snapshot.length if state.snapshot else 0
    return len(state.later.ids) + len(state.superseded) > max(SMALL, SHARE * length)
