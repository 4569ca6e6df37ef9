"""Installs a model that a person has as a file or folder, under the same conditions as one that is pulled."""

from __future__ import annotations

from pathlib import Path

from identity.zoo.catalogue import ENTRIES, Entry
from identity.zoo.digest import sha256_of
from identity.zoo.folder import Check, InstalledModel, ModelFolder, unchecked
from identity.zoo.manifest import ModelManifest
from identity.zoo.pull import Convert, check_allowed, convert_into, require_accepted
from identity.zoo.staging import staging_folder

KERAS_WEIGHTS = (".h5", ".hdf5")


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
    if entry is None or not entry.release.convert or convert is None:
        return folder.add(path, manifest=manifest, name=name, check=check)
    with staging_folder(folder.home) as staging:
        return folder.add(convert_into(path, staging, convert), name=name or entry.manifest.name)


def require_licence(described: ModelManifest, *, accept_licence: bool) -> None:
    """Raises `UsageError` for a model of the catalogue whose licence is restricted and was not accepted."""
    for entry in ENTRIES:
        if entry.manifest.sha256 == described.sha256 or entry.manifest.name == described.name:
            require_accepted(entry, accept_licence=accept_licence)


def _entry_of(path: Path) -> Entry | None:
    """The catalogue's entry for a file: by digest, or, for weights that are published without one, by their kind."""
    if not path.is_file():
        return None
    if path.suffix.lower() in KERAS_WEIGHTS:
        return next(entry for entry in ENTRIES if entry.release.convert)
    digest = sha256_of(path)
    return next((entry for entry in ENTRIES if entry.manifest.sha256 == digest), None)
