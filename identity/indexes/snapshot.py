"""A gallery's vectors as one file that opens in a millisecond: a FAISS index, then ids and slices, then a footer.

The file is a cache. It counts only while the database vouches for the token in its footer; anything that does not fit
raises `IndexFileError`, and the caller rebuilds from the table. It is opened memory-mapped and never changed.
"""

from __future__ import annotations

import json
import os
import secrets
import zlib
from pathlib import Path

import faiss
import numpy as np

from identity.core.durable import make_folder, sync_folder
from identity.core.errors import IndexFileError
from identity.core.search_state import Snapshot
from identity.core.types import GalleryRecord, Ids, Labelled, Vectors
from identity.indexes.flat import Flat
from identity.indexes.slices import by_identity

FOOTER_BYTES = 512
MAGIC = "identity-snapshot/2"


def path_of(folder: Path, snapshot: Snapshot) -> Path:
    """Where a snapshot's file lies."""
    return folder / f"{snapshot.gallery}-{snapshot.token[:16]}.faiss"


def write(folder: Path, gallery: GalleryRecord, labelled: Labelled, *, last_id: int) -> Snapshot:
    """Write vectors to a temporary name, sync, rename, sync the folder. Nothing refers to the file yet.

    Raises `IndexFileError` where the folder cannot be written.
    """
    snapshot = Snapshot(secrets.token_hex(16), gallery.uuid, gallery.space, last_id, gallery.dim, len(labelled.ids))
    final = path_of(folder, snapshot)
    temporary = final.with_suffix(f".{os.getpid()}.tmp")
    try:
        make_folder(folder)
        temporary.touch(mode=0o600)
        _write_parts(temporary, snapshot, labelled)
        temporary.replace(final)
        sync_folder(folder)
    except (OSError, RuntimeError) as error:
        temporary.unlink(missing_ok=True)
        raise cannot_write(folder, error) from error
    return snapshot


def cannot_write(folder: Path, error: Exception) -> IndexFileError:
    """The error for a folder of index files that cannot be written."""
    cause = getattr(error, "strerror", None) or error
    return IndexFileError(f"the index in {folder} cannot be written ({cause}): check permissions and free space")


def _write_parts(path: Path, snapshot: Snapshot, labelled: Labelled) -> None:
    ordered, identities, bounds = by_identity(labelled)
    index = faiss.IndexFlatIP(snapshot.dim)
    index.add(np.ascontiguousarray(ordered.vectors))
    with path.open("wb") as file:
        # through Python, because FAISS itself, given a path, complains of a full disk on stderr
        faiss.write_index(index, faiss.PyCallbackIOWriter(file.write))  # type: ignore[attr-defined]
        start = file.tell()
        start += file.write(b"\0" * (-start % 64))
        tail = np.concatenate([ordered.ids, identities, bounds]).astype("<i8").tobytes()
        file.write(tail)
        file.write(_footer(snapshot, start, len(identities), zlib.crc32(tail)))
        file.flush()
        os.fsync(file.fileno())


def _footer(snapshot: Snapshot, start: int, identities: int, crc32: int) -> bytes:
    fields = {"start": start, "identities": identities, "crc32": crc32} | _footer_claims(snapshot)
    return json.dumps(fields).encode().ljust(FOOTER_BYTES)


def _footer_claims(snapshot: Snapshot) -> dict[str, str | int]:
    return {
        "magic": MAGIC,
        "token": snapshot.token,
        "gallery": snapshot.gallery,
        "space": snapshot.space,
        "last_id": snapshot.last_id,
        "dim": snapshot.dim,
        "length": snapshot.length,
    }


def open_snapshot(folder: Path, snapshot: Snapshot) -> Flat:
    """The file the database vouches for, memory-mapped.

    Raises `IndexFileError` where it is missing, shorter than it says, or carries another token.
    """
    path = path_of(folder, snapshot)
    try:
        tail, count = _read_tail(path, snapshot)
        index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, RecursionError, MemoryError) as error:
        raise IndexFileError(f"index file {path} is missing or damaged ({error}): it is rebuilt") from error
    if not isinstance(index, faiss.IndexFlat) or index.ntotal != snapshot.length or index.d != snapshot.dim:
        raise IndexFileError(f"index file {path} is not the one that the database names: it is rebuilt")
    vectors = _view(index)
    ids, identities, bounds = np.split(tail, [snapshot.length, snapshot.length + count])
    return Flat(identities, bounds, ids, vectors, keeps=index)


def _view(index: faiss.IndexFlat) -> Vectors:
    """The index's own rows (n, dim), not copied and not writeable."""
    if not index.ntotal:
        return np.empty((0, index.d), np.float32)
    vectors: Vectors = faiss.rev_swig_ptr(index.get_xb(), index.ntotal * index.d).reshape(-1, index.d)
    vectors.flags.writeable = False
    return vectors


def _read_tail(path: Path, snapshot: Snapshot) -> tuple[Ids, int]:
    """Ids, identities and bounds in one array, all checked, and how many identities there are."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(size - FOOTER_BYTES, 0))
        fields = json.loads(file.read())
        if any(fields[name] != value for name, value in _footer_claims(snapshot).items()):
            raise ValueError("its footer belongs to another snapshot")
        start, count = int(fields["start"]), int(fields["identities"])
        if start < 0 or size != start + 8 * (snapshot.length + 2 * count + 1) + FOOTER_BYTES:
            raise ValueError("its length is wrong")
        file.seek(start)
        tail = file.read(size - FOOTER_BYTES - start)
    if zlib.crc32(tail) != fields["crc32"]:
        raise ValueError("its ids are not those that were written")
    return np.frombuffer(tail, "<i8").astype(np.int64, copy=False), count
