"""Open a gallery's search set, and keep its snapshot fresh. The table is the truth; the file is rebuilt at will."""

from __future__ import annotations

from identity.core.errors import GalleryChangedError, IndexFileError, StoreError, StrangeCopyError
from identity.core.index_ports import Index, Snapshots
from identity.core.ports import GalleryStore
from identity.core.search_state import SearchState, SearchView, most_outside
from identity.core.types import Role

TIMES = 20  # that the gallery is looked at where others change it meanwhile


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
    held = snapshots.held(store.gallery)
    while (opened := _fitting(store, snapshots, held, deciding=deciding)) is None:
        newer = snapshots.held(store.gallery)
        if newer == held:  # nobody else wrote a newer file meanwhile
            return _rebuilt(store, snapshots, deciding=deciding)
        held = newer
    return opened


def write_ahead(store: GalleryStore, snapshots: Snapshots) -> None:
    """Write the snapshot anew when it is half outgrown: whoever adds does it, and no question has to wait for it."""
    state = store.search_state(snapshots.held(store.gallery))
    outgrown = state is None or state.outside > 0.5 * most_outside(state.length)
    if outgrown and not _is_too_large(store, snapshots):
        rebuild(store, snapshots)


def rebuild(store: GalleryStore, snapshots: Snapshots, *, alone: bool = False) -> None:
    """Write the snapshot anew from the table, put it in force, delete every other file of the gallery.

    `alone`: the files of other homes are in force no more either. A gallery that is too large for a file has none.
    """
    store.get_ready()  # it may rebuild this gallery's file itself, and must not wait for us
    gallery = store.gallery
    with snapshots.writing(gallery):
        replaced = None if alone else snapshots.held(gallery)
        if _is_too_large(store, snapshots):
            store.index_files.withdraw(replaced)
        else:
            changes, snapshot = snapshots.take(store)
            store.index_files.publish(snapshot, changes=changes, replacing=replaced)
        snapshots.sweep(gallery, keep=store.index_files.in_force())


def _fitting(
    store: GalleryStore, snapshots: Snapshots, held: set[str], *, deciding: bool
) -> tuple[SearchView, Index] | None:
    for _ in range(TIMES):
        view = store.search_view(held, deciding=deciding)
        try:
            return None if view.state is None else (view, snapshots.index(view.state))
        except IndexFileError:
            return None
        except StrangeCopyError:
            if _is_in_force(store, view.state):
                raise  # it is one
            return None  # another program put other shards in force meanwhile
        except GalleryChangedError:  # a part of it was read anew, after the view: the next view knows more
            continue
    raise GalleryChangedError("other programs change the gallery faster than it can be asked: ask again later")


def _is_in_force(store: GalleryStore, state: SearchState | None) -> bool:
    snapshot = None if state is None else state.snapshot
    return snapshot is not None and snapshot.name in store.index_files.in_force()


def _rebuilt(store: GalleryStore, snapshots: Snapshots, *, deciding: bool) -> tuple[SearchView, Index]:
    if _is_too_large(store, snapshots):
        return _where_it_is_stored(store, deciding=deciding)
    try:
        rebuild(store, snapshots)
        if opened := _fitting(store, snapshots, snapshots.held(store.gallery), deciding=deciding):
            return opened
    except (IndexFileError, StoreError):
        pass
    view = store.search_view(deciding=deciding, from_table=True)
    return (view, snapshots.index(view.state)) if view.state else _where_it_is_stored(store, deciding=deciding)


def _where_it_is_stored(store: GalleryStore, *, deciding: bool) -> tuple[SearchView, Index]:
    from identity.indexes.stored import StoredIndex  # most galleries need none of it

    view = store.search_view(deciding=deciding)
    return view, StoredIndex(store.stored_vectors(view.changes))


def _is_too_large(store: GalleryStore, snapshots: Snapshots) -> bool:
    return not snapshots.holds(store.count(Role.GALLERY), dim=store.gallery.dim)
