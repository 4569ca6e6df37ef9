"""Open a gallery's search set, and keep its snapshot fresh. The table is the truth; the file is rebuilt at will."""

from __future__ import annotations

from identity.core.errors import IndexFileError, StoreError
from identity.core.index_ports import Index, Snapshots
from identity.core.ports import GalleryStore
from identity.core.search_state import SearchState, SearchView
from identity.core.types import Role

SMALL = 2_000  # samples that may live outside the snapshot: reading them costs a few milliseconds
SHARE = 0.05  # of the snapshot's length, where that is more


def open_index(store: GalleryStore, snapshots: Snapshots) -> Index:
    """The search set as of now, whatever state the thresholds are in; a snapshot that does not fit is rebuilt."""
    return open_view(store, snapshots, deciding=False)[1]


def open_view(
    store: GalleryStore, snapshots: Snapshots, *, deciding: bool = True, rebuilt: bool = False
) -> tuple[SearchView, Index]:
    """What a search or a decision reads of one moment of the gallery, and its search set.

    A snapshot that does not fit is rebuilt, and so is one that the caller found wrong (`rebuilt`).

    Where nothing can be written (a read-only home, a full disk, another program writing), the search set is read
    from the table into memory instead.
    """
    if rebuilt:
        return _rebuilt(store, snapshots, deciding=deciding)
    view = store.search_view(deciding=deciding)
    while (index := _fitting(view, snapshots)) is None:
        newer = store.search_view(deciding=deciding)
        if newer.state.snapshot == view.state.snapshot:  # nobody else put a newer file in force meanwhile
            return _rebuilt(store, snapshots, deciding=deciding)
        view = newer
    return view, index


def write_ahead(store: GalleryStore, snapshots: Snapshots) -> None:
    """Write the snapshot anew when it is half outgrown: whoever adds does it, and no question has to wait for it."""
    if _is_outgrown(store.search_view(deciding=False).state, part=0.5):
        rebuild(store, snapshots)


def rebuild(store: GalleryStore, snapshots: Snapshots) -> None:
    """Write the snapshot anew from the table, put it in force, delete every other file of the gallery."""
    store.get_ready()  # it may rebuild this gallery's file itself, and must not wait for us
    gallery = store.gallery
    with snapshots.writing(gallery):
        changes, labelled = store.all_vectors(Role.GALLERY)
        store.publish(snapshots.write(gallery, labelled), changes=changes)
        snapshots.sweep(gallery, keep=store.search_state().snapshot)


def _fitting(view: SearchView, snapshots: Snapshots) -> Index | None:
    try:
        return None if _is_outgrown(view.state) else snapshots.index(view.state)
    except IndexFileError:
        return None


def _rebuilt(store: GalleryStore, snapshots: Snapshots, *, deciding: bool) -> tuple[SearchView, Index]:
    try:
        rebuild(store, snapshots)
        view = store.search_view(deciding=deciding)
        return view, snapshots.index(view.state)
    except (IndexFileError, StoreError):
        view = store.search_view(deciding=deciding, from_table=True)
        return view, snapshots.index(view.state)


def _is_outgrown(state: SearchState, *, part: float = 1.0) -> bool:
    length = state.snapshot.length if state.snapshot else 0
    return len(state.later.ids) + len(state.superseded) > part * max(SMALL, SHARE * length)
