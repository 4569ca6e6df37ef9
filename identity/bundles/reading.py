"""Reads a gallery from one file, and believes nothing in it before it was looked at."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from identity.bundles import arrays, manifest
from identity.bundles.claims import require
from identity.bundles.columns import rows_of
from identity.bundles.manifest import BundleManifest
from identity.bundles.models import IncomingModel, read_models
from identity.bundles.soundness import require_sound
from identity.core.bundle import TABLES, GalleryRows
from identity.core.errors import BundleError, IdentityError, NotFoundError
from identity.core.shown import shown_name
from identity.core.stopping import STOPPING

Members = Mapping[str, zipfile.ZipInfo]
_ENCRYPTED = 0x1


@dataclass(frozen=True, slots=True)
class Bundle:
    """What is in a bundle: one gallery, and the models that came along."""

    rows: GalleryRows
    models: tuple[IncomingModel, ...] = ()


def read_bundle(path: Path) -> Bundle:
    """The gallery in a file: every size, digest, type, reference and number of it was checked.

    Raises `NotFoundError` without a file there, `BundleError` where it is damaged, was altered or is no bundle.
    """
    if not path.is_file():
        raise NotFoundError(f"there is no file {shown_name(path)}: give the file that 'identity export bundle' wrote")
    try:
        return _read(path)
    except IdentityError:
        raise
    except Exception as error:  # zip, json and numpy raise whatever they stumble over
        cause = " ".join(str(error).split())[:200] or type(error).__name__
        raise BundleError(
            f"{shown_name(path)} is no sound bundle ({cause}): copy it again, or export the gallery again"
        ) from error


def _read(path: Path) -> Bundle:
    with zipfile.ZipFile(path) as archive:
        members = _members(archive, most=path.stat().st_size)
        require(members[manifest.NAME].file_size <= manifest.LARGEST, "its manifest is too long")
        said = manifest.parse(archive.read(members[manifest.NAME]))
        _require_sizes(members, said)
        parts = {name: _part(archive, members, said, name) for name in said.parts}
        models = read_models(archive, said.files)
    rows = rows_of(said.facts, parts, crops=said.crops)
    require(all(rows.count(table) == said.counts[table] for table in TABLES), "its tables have other lengths")
    require(said.crops or not rows.count("crop"), "it has crops that it denies")
    require_sound(rows)
    return Bundle(rows, models)


def _members(archive: zipfile.ZipFile, *, most: int) -> Members:
    """The members by name; they are not larger than the file, so nothing can unpack to more than that."""
    listed = archive.infolist()
    members = {one.filename: one for one in listed}
    require(len(members) == len(listed), "it has two parts of one name")
    plain = all(one.compress_type == zipfile.ZIP_STORED and not one.flag_bits & _ENCRYPTED for one in listed)
    require(plain and all(one.file_size == one.compress_size for one in listed), "a part is compressed or encrypted")
    require(sum(one.file_size for one in listed) <= most, "its parts are longer than the file")
    require(manifest.NAME in members, "it has no manifest")
    return members


def _require_sizes(members: Members, said: BundleManifest) -> None:
    named = {name + manifest.ENDING for name in said.parts} | {manifest.NAME, *said.files}
    require(set(members) == named, "its parts are not those that the manifest names")
    for name, part in said.parts.items():
        fits = members[name + manifest.ENDING].file_size == arrays.size_of(part.dtype, part.shape)
        require(fits, f"{name} is not as long as the manifest says")
    for name, file in said.files.items():
        require(members[name].file_size == file.bytes, f"{name} is not as long as the manifest says")


def _part(archive: zipfile.ZipFile, members: Members, said: BundleManifest, name: str) -> NDArray[Any]:
    STOPPING.check()
    content, part = archive.read(members[name + manifest.ENDING]), said.parts[name]
    require(hashlib.sha256(content).hexdigest() == part.sha256, f"{name} is not what was written")
    return arrays.parse(content, part.dtype, part.shape)
