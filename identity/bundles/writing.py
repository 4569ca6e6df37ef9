"""Writes a gallery as one file: whole or not at all, and the same bytes for the same gallery."""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from identity.bundles import arrays, manifest
from identity.bundles.columns import parts_of
from identity.bundles.manifest import BundleManifest, BundlePart
from identity.bundles.models import MANIFEST, OutgoingModel, described, member_of, write_file
from identity.bundles.soundness import require_sound
from identity.core import unfinished
from identity.core.bundle import TABLES, GalleryRows
from identity.core.durable import replace_durably, require_plain
from identity.core.errors import StoreError, UsageError
from identity.core.shown import shown_name
from identity.core.stopping import STOPPING

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip can name
_UNIX = 3
_MODE = 0o600 << 16


def write_bundle(rows: GalleryRows, path: Path, models: Sequence[OutgoingModel] = ()) -> int:
    """Write a gallery, and some models, to `path`, in place of an older bundle; its size in bytes.

    It is on the disk on return. Raises `UsageError` where `path` is a link or holds something else, `StoreError` where
    the rows are not sound or the file cannot be written.
    """
    require_plain(path)
    _require_replaceable(path)
    try:
        require_sound(rows)
    except Exception as error:  # whatever a row that makes no sense leads to
        cause = " ".join(str(error).split())[:200]
        raise StoreError(
            f"gallery '{rows.facts.name}' cannot be exported ({cause}): run 'identity doctor', or restore a backup"
        ) from error
    unfinished.sweep(path)
    partial = unfinished.beside(path)
    try:
        _write(rows, partial, models)
        replace_durably(partial, path)
        return path.stat().st_size
    except OSError as error:
        raise StoreError(f"{shown_name(path)} cannot be written ({error}): choose a folder that has room") from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def _write(rows: GalleryRows, path: Path, models: Sequence[OutgoingModel]) -> None:
    found = {name: (array, array.dtype.str) for name, array in parts_of(rows)}
    parts = {
        name: BundlePart(dtype, array.shape, hashlib.sha256(arrays.dump(array, dtype)).hexdigest())
        for name, (array, dtype) in found.items()
    }
    counts = {table: rows.count(table) for table in TABLES}
    said = manifest.dump(BundleManifest(rows.facts, rows.crops, counts, parts, described(models)))
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w+b") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(_member(manifest.NAME), said)
        for name, (array, dtype) in found.items():
            STOPPING.check()
            archive.writestr(_member(name + manifest.ENDING), arrays.dump(array, dtype))
        for model in models:
            archive.writestr(_member(member_of(model.name, MANIFEST)), model.manifest)
            write_file(archive, _member(member_of(model.name, model.file.name)), model.file)


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, _EPOCH)
    member.create_system, member.external_attr = _UNIX, _MODE
    return member


def _require_replaceable(path: Path) -> None:
    if not path.exists() or path.stat().st_size == 0:
        return
    with suppress(Exception), zipfile.ZipFile(path) as archive:
        if archive.infolist()[0].filename == manifest.NAME:
            return
    raise UsageError(f"{shown_name(path)} is no bundle, and is not replaced by one: choose the name of a new file")
