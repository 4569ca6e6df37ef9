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
from typing import Any

import faiss
import numpy as np

from identity.core.durable import make_folder, sync_folder
from identity.core.errors import IndexFileError
from identity.core.search_state import Snapshot
from identity.core.types import GalleryRecord, Ids, Labelled, Vectors
from identity.indexes.certified import Certified
from identity.indexes.choice import has_many
from identity.indexes.codes import Codes
from identity.indexes.codes_file import codes_path, open_codes, write_codes
from identity.indexes.faiss_use import view_of
from identity.indexes.flat import Flat
from identity.indexes.slices import by_identity

FOOTER_BYTES = 1024
MAGIC = "identity-snapshot/3"


def path_of(folder: Path, uuid: str, name: str) -> Path:
    """Where the snapshot file of a gallery with this uuid lies."""
    return folder / f"{uuid}-{name}.faiss"


def write(folder: Path, gallery: GalleryRecord, labelled: Labelled, *, last_id: int) -> Snapshot:
    """Write vectors to a temporary name, sync, rename, sync the folder. Nothing refers to the file yet.

    Raises `IndexFileError` where the folder cannot be written.
    """
    snapshot = Snapshot(secrets.token_hex(16), gallery.uuid, gallery.space, last_id, gallery.dim, len(labelled.ids))
    final = path_of(folder, gallery.uuid, snapshot.name)
    temporary = final.with_suffix(f".{os.getpid()}.tmp")
    try:
        make_folder(folder)
        temporary.touch(mode=0o600)
        _write_parts(temporary, snapshot, labelled)
        if codes_path(temporary).exists():
            codes_path(temporary).replace(codes_path(final))
        temporary.replace(final)
        sync_folder(folder)
    except (OSError, RuntimeError) as error:
        temporary.unlink(missing_ok=True)
        codes_path(temporary).unlink(missing_ok=True)
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
    kept, scales = None, np.empty(0, np.float64)
    if has_many(identities, bounds):
        codes = Codes.of(ordered.vectors)
        kept, scales = write_codes(codes_path(path), codes), codes.scales.astype(np.float64)
    with path.open("wb") as file:
        # through Python, because FAISS itself, given a path, complains of a full disk on stderr
        faiss.write_index(index, faiss.PyCallbackIOWriter(file.write))  # type: ignore[attr-defined]
        start = file.tell()
        start += file.write(b"\0" * (-start % 64))
        tail = np.concatenate([ordered.ids, identities, bounds]).astype("<i8").tobytes()
        tail += scales.astype("<f8").tobytes()
        file.write(tail)
        fields = {"start": start, "identities": len(identities), "crc32": _crc32(tail, kept), "codes": kept}
        file.write(json.dumps(fields | _footer_claims(snapshot)).encode().ljust(FOOTER_BYTES))
        file.flush()
        os.fsync(file.fileno())


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


def open_snapshot(folder: Path, snapshot: Snapshot) -> Flat | Certified:
    """The file the database vouches for, memory-mapped, with its codes where there are some.

    Raises `IndexFileError` where it is missing, shorter than it says, or carries another token.
    """
    path = path_of(folder, snapshot.gallery, snapshot.name)
    try:
        tail, fields = _read_tail(path, snapshot)
        index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        ids, identities, bounds, scales = _split(tail, snapshot.length, int(fields["identities"]))
        kept, codes = fields["codes"], None
        if kept is not None:
            codes = open_codes(codes_path(path), kept, scales, length=snapshot.length)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, RecursionError, MemoryError) as error:
        raise IndexFileError(f"index file {path} is missing or damaged ({error}): it is rebuilt") from error
    if not isinstance(index, faiss.IndexFlat) or index.ntotal != snapshot.length or index.d != snapshot.dim:
        raise IndexFileError(f"index file {path} is not the one that the database names: it is rebuilt")
    rows = Flat(identities, bounds, ids, view_of(index), keeps=index)
    return rows if codes is None else Certified.over(rows, codes)


def _crc32(tail: bytes, kept: dict[str, Any] | None) -> int:
    """Of all that nothing else vouches for: a bound that lost a digit would hide samples."""
    return zlib.crc32(tail + json.dumps(kept).encode())


def _split(tail: bytes, length: int, count: int) -> tuple[Ids, Ids, Ids, Vectors]:
    """Ids, identities, bounds, and the scales of the codes."""
    numbers = np.frombuffer(tail, "<i8").astype(np.int64, copy=False)
    ids, identities, bounds, scales = np.split(numbers, np.cumsum([length, count, count + 1]))
    return ids, identities, bounds, scales.view("<f8").astype(np.float32)


def _read_tail(path: Path, snapshot: Snapshot) -> tuple[bytes, dict[str, Any]]:
    """Ids, identities, bounds and scales, and what the footer says; all checked."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(size - FOOTER_BYTES, 0))
        fields = json.loads(file.read())
        if any(fields[name] != value for name, value in _footer_claims(snapshot).items()):
            raise ValueError("its footer belongs to another snapshot")
        start, count = int(fields["start"]), int(fields["identities"])
        numbers = snapshot.length + 2 * count + 1 + (snapshot.dim if fields["codes"] is not None else 0)
        if start < 0 or size != start + 8 * numbers + FOOTER_BYTES:
            raise ValueError("its length is wrong")
        file.seek(start)
        tail = file.read(size - FOOTER_BYTES - start)
    if _crc32(tail, fields["codes"]) != fields["crc32"]:
        raise ValueError("its ids are not those that were written")
    return tail, fields
