"""Fetches a model of the catalogue, checks it before anyone can use it, and installs it whole or not at all."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import IO

from identity.core.errors import ModelError, NotFoundError, UsageError
from identity.zoo.catalogue import entries_of
from identity.zoo.digest import check_file, sha256_of
from identity.zoo.fetch import Progress, fetch, is_address
from identity.zoo.folder import InstalledModel, ModelFolder
from identity.zoo.locating import Supply
from identity.zoo.making import make
from identity.zoo.pins import PINS, Pins
from identity.zoo.release import Entry, Release
from identity.zoo.staging import staging_folder

LARGEST_MODEL_BYTES = 2 << 30
Convert = Callable[[Path, Path], Path]  # weights file, empty folder -> model folder with its manifest


def pull(
    name: str,
    *,
    folder: ModelFolder,
    accept_licence: bool = False,
    offline: bool = False,
    mirror: str | Path | None = None,
    progress: Progress | None = None,
    convert: Convert | None = None,
) -> InstalledModel:
    """Install a model of the catalogue from its release, or from `mirror` (a folder, or an address with the files).

    `convert` makes a model folder of weights that are no ONNX file. Where a name stands for several files, the first
    that is to be had is taken; a file that nobody publishes is made of its parts, unless the mirror has it.
    Raises `NotFoundError` for a name the catalogue does not have or a file the mirror does not have, `UsageError`
    where a restricted licence was not accepted, the network is off, or a conversion is needed and not there,
    `ModelError` where the download fails or is not the published (or pinned) file.
    """
    supply = Supply(str(mirror) if mirror is not None else None, offline)
    entries = _preferred_entries(entries_of(name), supply)
    for entry in entries:
        check_allowed(entry, accept_licence=accept_licence, convert=convert)
    if entries[0].release.made_of and not supply.has(entries[0].release.file):
        return _pull_made(entries[0], supply, folder=folder, progress=progress)
    addresses = [supply.place_of(entry.release.address) for entry in entries]
    with staging_folder(folder.home) as staging:
        fetched = staging / "download"
        entry = entries[_fetch_first(addresses, fetched, progress=progress)]
        pins = Pins(folder.home / PINS)
        pinned = _check_download(fetched, entry, pins)
        installed = _install(fetched, entry, staging=staging, folder=folder, convert=convert)
        if pinned is not None:
            pins.keep(entry.release.address, pinned)
    return installed


def _pull_made(entry: Entry, supply: Supply, *, folder: ModelFolder, progress: Progress | None) -> InstalledModel:
    """Install a file that is made of its parts; it has the digest of the one that others made, or is refused."""
    with staging_folder(folder.home) as staging:
        file = _from_mirror(entry, supply, staging / "download", progress=progress)
        return folder.install(file or make(entry.release, staging, supply=supply, progress=progress), entry.manifest)


def _from_mirror(entry: Entry, supply: Supply, target: Path, *, progress: Progress | None) -> Path | None:
    """The file itself, where the mirror is an address that has it."""
    if supply.mirror is None or supply.folder is not None:
        return None
    try:
        fetch(supply.place_of(entry.release.address), target, progress=progress)
    except ModelError:
        return None
    return target


def _preferred_entries(entries: list[Entry], supply: Supply) -> list[Entry]:
    """The entry whose file a mirror folder has, else every one that somebody publishes, or the first."""
    if supply.folder is not None:
        there = [entry for entry in entries if supply.has(entry.release.file)]
        return (there or entries)[:1]
    published = [entry for entry in entries if is_address(entry.release.address)]
    return published or entries[:1]


def _fetch_first(addresses: list[str], target: Path, *, progress: Progress | None) -> int:
    """Fetch the first of the addresses that answers; which it was."""
    for place, address in enumerate(addresses):
        try:
            fetch(address, target, progress=progress)
        except ModelError:
            if place == len(addresses) - 1:
                raise
        else:
            return place
    raise NotFoundError("this model has no address to download it from: run 'identity models add FILE'")


def check_allowed(entry: Entry, *, accept_licence: bool, convert: Convert | None) -> None:
    """Raises `UsageError` where a restricted licence was not accepted or nothing is there that converts."""
    require_accepted(entry, accept_licence=accept_licence)
    if entry.release.convert and convert is None:
        name = entry.manifest.name
        raise UsageError(f"'{name}' must be converted: install the extra 'train' (identity-search[train])")


def require_accepted(entry: Entry, *, accept_licence: bool) -> None:
    """Raises `UsageError` where a restricted licence was not accepted."""
    manifest = entry.manifest
    if entry.release.restricted and not accept_licence:
        raise UsageError(
            f"'{manifest.name}' is licensed for {manifest.licence} ({manifest.source}): "
            "read its terms, then repeat with --accept-licence"
        )


def _check_download(fetched: Path, entry: Entry, pins: Pins) -> str | None:
    """Compare with what is published or pinned; the digest to pin where neither is there."""
    release, cure = entry.release, "nothing was installed, try again or use another mirror"
    published = release.sha256 if _needs_unpacking(release) else entry.manifest.sha256
    size_bytes = release.size_bytes if _needs_unpacking(release) else entry.manifest.bytes
    if published:
        check_file(fetched, sha256=published, size_bytes=size_bytes or None, cure=cure)
        return None
    pinned = pins.get(release.address)
    if pinned is None:
        return sha256_of(fetched)
    cure = f"it changed since it was first fetched, delete its line in {pins.path} if that is meant"
    check_file(fetched, sha256=pinned, size_bytes=None, cure=cure)
    return None


def _needs_unpacking(release: Release) -> bool:
    """Whether what is fetched is not yet the model file itself."""
    return release.member is not None or release.convert


def _install(
    fetched: Path, entry: Entry, *, staging: Path, folder: ModelFolder, convert: Convert | None
) -> InstalledModel:
    if entry.release.convert and convert is not None:
        return folder.add(convert_into(fetched, staging, convert), name=entry.manifest.name)
    file = (
        _extract(fetched, entry.release.member, staging / "member", most=entry.manifest.bytes)
        if entry.release.member
        else fetched
    )
    size_bytes = entry.manifest.bytes or file.stat().st_size
    return folder.install(file, replace(entry.manifest, bytes=size_bytes))


def convert_into(weights: Path, staging: Path, convert: Convert) -> Path:
    """The model folder made of weights, inside `staging`."""
    target = staging / "converted"
    target.mkdir()
    return convert(weights, target)


def _extract(archive: Path, member: str, target: Path, *, most: int = 0) -> Path:
    """Unpack one file, at most as many bytes as the catalogue says that it has, or `LARGEST_MODEL_BYTES`."""
    most = most or LARGEST_MODEL_BYTES
    try:
        with zipfile.ZipFile(archive) as opened:
            inside = [name for name in opened.namelist() if name.rpartition("/")[2] == member]
            if not inside:
                raise ModelError(f"the archive does not contain {member}: nothing was installed, try another mirror")
            with opened.open(inside[0]) as source, target.open("wb") as written:
                _copy(source, written, most=most, member=member)
    except ModelError:
        raise
    except Exception as error:  # damaged archives raise whatever the packing's reader stumbles over
        cause = " ".join(str(error).split())[:200] or type(error).__name__
        raise ModelError(f"cannot unpack {member} ({cause}): check the free space, or download it again") from error
    return target


def _copy(source: IO[bytes], target: IO[bytes], *, most: int, member: str) -> None:
    left = most
    while part := source.read(1 << 20):
        left -= len(part)
        if left < 0:
            raise ModelError(f"{member} unpacks to more than {most:,} bytes: nothing was installed, try another mirror")
        target.write(part)
