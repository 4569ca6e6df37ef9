"""Labeled Faces in the Wild, where scikit-learn keeps it: fetched once, under the address and digest that it has."""

from __future__ import annotations

import tarfile
from pathlib import Path

from identity.core.durable import make_folder
from identity.core.errors import ModelError, NotFoundError, UsageError
from identity.zoo.digest import check_file
from identity.zoo.fetch import Progress, fetch, is_address
from identity.zoo.staging import staging_folder

FOLDER = "lfw_funneled"
CURE = "give a folder of named people with --photographs"


def lfw_folder(*, mirror: str | None = None, offline: bool = False, progress: Progress | None = None) -> Path:
    """The folder with one sub-folder for each person; fetched where scikit-learn's data folder lacks it.

    `mirror` is a folder or an address that has the archive under its own name. Raises `UsageError` where the network
    is off, `NotFoundError` and `ModelError` where the archive is not to be had or is not the published one.
    """
    from sklearn.datasets import get_data_home

    home = Path(get_data_home()) / "lfw_home"
    if (home / FOLDER).is_dir():
        return home / FOLDER
    name, address, sha256 = _published()
    place = _place(name, address, mirror, offline=offline)
    make_folder(home)
    with staging_folder(home) as staging:
        archive = staging / name
        fetch(place, archive, progress=progress)
        check_file(archive, sha256=sha256, size_bytes=None, cure=f"try again, or {CURE}")
        _unpack(archive, staging)
        (staging / FOLDER).rename(home / FOLDER)
    return home / FOLDER


def _published() -> tuple[str, str, str]:
    """Name, address and digest of the archive, as scikit-learn has them."""
    try:
        from sklearn.datasets._lfw import FUNNELED_ARCHIVE as ARCHIVE

        return str(ARCHIVE.filename), str(ARCHIVE.url), str(ARCHIVE.checksum)
    except (ImportError, AttributeError) as error:
        raise ModelError(f"this version of scikit-learn does not say where LFW is: {CURE}") from error


def _place(name: str, address: str, mirror: str | None, *, offline: bool) -> str:
    if mirror is not None and not is_address(mirror):
        found = next(iter(sorted(Path(mirror).rglob(name))), None)
        if found is None:
            raise NotFoundError(f"the mirror {mirror} has no file {name}: copy it there, or {CURE}")
        return str(found)
    if offline:
        raise UsageError(f"offline, {name} cannot be downloaded: {CURE}, or set IDENTITY_MODELS_MIRROR to its folder")
    return address if mirror is None else f"{mirror.rstrip('/')}/{name}"


def _unpack(archive: Path, target: Path) -> None:
    try:
        with tarfile.open(archive, "r:gz") as opened:
            opened.extraction_filter = getattr(tarfile, "data_filter", None)  # Python 3.11.3 and older have none
            opened.extractall(target)  # noqa: S202 (its digest was compared)
    except (OSError, EOFError, tarfile.TarError) as error:
        raise ModelError(f"cannot unpack {archive.name} ({error}): check the free space, or {CURE}") from error
    if not (target / FOLDER).is_dir():
        raise ModelError(f"{archive.name} holds no folder {FOLDER}: {CURE}")
