"""Installs a model that a person has as a file or folder, under the same conditions as one that is pulled."""

from __future__ import annotations

from pathlib import Path

from identity.zoo.catalogue import ENTRIES
from identity.zoo.digest import digest_of, sha256_of
from identity.zoo.folder import Check, InstalledModel, ModelFolder, unchecked
from identity.zoo.locating import Supply
from identity.zoo.making import make
from identity.zoo.manifest import ModelManifest
from identity.zoo.pull import Convert, check_allowed, convert_into, require_accepted
from identity.zoo.release import Entry
from identity.zoo.staging import staging_folder

KERAS_WEIGHTS = (".h5", ".hdf5")
PARTS = (".xml", ".bin")  # of OpenVINO's form; one is named, the other lies beside it


def add(
    path: Path,
    *,
    folder: ModelFolder,
    manifest: Path | None = None,
    name: str | None = None,
    accept_licence: bool = False,
    convert: Convert | None = None,
    check: Check = unchecked,
) -> InstalledModel:
    """Install a model from a file or folder at hand, weights that must be converted first included.

    Raises `UsageError` where its licence is restricted and was not accepted, and all that `ModelFolder.add` raises.
    """
    entry = _entry_of(path) if manifest is None else None
    if entry is not None:
        check_allowed(entry, accept_licence=accept_licence, convert=convert)
    if entry is None or not _must_be_made(path, entry, convert):
        return folder.add(path, manifest=manifest, name=name, check=check)
    with staging_folder(folder.home) as staging:
        if convert is not None and entry.release.convert:
            return folder.add(convert_into(path, staging, convert), name=name or entry.manifest.name)
        made = make(entry.release, staging, supply=Supply(str(path.parent)))
        return folder.add(made, name=name or entry.manifest.name)


def _must_be_made(path: Path, entry: Entry, convert: Convert | None) -> bool:
    """Whether the file is not yet the model's own."""
    return path.suffix.lower() in PARTS if entry.release.made_of else entry.release.convert and convert is not None


def require_licence(described: ModelManifest, *, accept_licence: bool) -> None:
    """Raises `UsageError` for a model of the catalogue whose licence is restricted and was not accepted."""
    for entry in ENTRIES:
        if entry.manifest.sha256 == described.sha256 or entry.manifest.name == described.name:
            require_accepted(entry, accept_licence=accept_licence)


def _entry_of(path: Path) -> Entry | None:
    """The catalogue's entry for a file or a part of it: by digest, or by their kind for weights that have none."""
    if not path.is_file():
        return None
    if path.suffix.lower() in KERAS_WEIGHTS:
        return next(entry for entry in ENTRIES if entry.release.convert)
    if path.suffix.lower() in PARTS:
        part = digest_of(path, "sha384")
        return next((entry for entry in ENTRIES if any(one.sha384 == part for one in entry.release.made_of)), None)
    digest = sha256_of(path)
    return next((entry for entry in ENTRIES if entry.manifest.sha256 == digest), None)
