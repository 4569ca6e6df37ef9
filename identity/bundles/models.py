"""The models that go along with a gallery: a manifest and a file each, under `models/NAME/`."""

from __future__ import annotations

import hashlib
import re
import shutil
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from identity.bundles.claims import require
from identity.core.stopping import STOPPING

MANIFEST = "manifest.json"
LARGEST_MANIFEST = 16 << 20  # bytes
_MEMBER = re.compile(r"models/(?P<model>[a-z0-9][a-z0-9._-]{0,63})/(?P<file>[^/\\\x00-\x1f]{1,255})")
_CHUNK = 1 << 20


def member_of(model: str, file: str) -> str:
    """What a model's file is called in a bundle."""
    return f"models/{model}/{file}"


@dataclass(frozen=True, slots=True)
class OutgoingModel:
    """A model that is written to a bundle: its manifest as text, and where its file lies."""

    name: str
    manifest: bytes
    file: Path


@dataclass(frozen=True, slots=True)
class IncomingModel:
    """A model in a bundle: its manifest, which nobody has read yet, and the name and digest of its file."""

    name: str
    manifest: bytes
    file: str
    sha256: str

    @property
    def member(self) -> str:
        """What the file is called in the bundle."""
        return member_of(self.name, self.file)


@dataclass(frozen=True, slots=True)
class BundleFile:
    """One file of a model in a bundle, as the bundle's manifest describes it."""

    bytes: int
    sha256: str


def described(models: Sequence[OutgoingModel]) -> Mapping[str, BundleFile]:
    """Every member that some models are, in the file's order."""
    members = {}
    for model in models:
        digest = hashlib.sha256(model.manifest).hexdigest()
        members[member_of(model.name, MANIFEST)] = BundleFile(len(model.manifest), digest)
        with model.file.open("rb") as file:
            digest = _digest(file)
        members[member_of(model.name, model.file.name)] = BundleFile(model.file.stat().st_size, digest)
    return members


def write_file(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> None:
    """Put a file into a bundle, a piece at a time."""
    member.file_size = path.stat().st_size
    with path.open("rb") as source, archive.open(member, "w") as target:
        for piece in _pieces(source):
            target.write(piece)


def parse_files(said: Mapping[str, Any]) -> Mapping[str, BundleFile]:
    """The members that a manifest names. Raises `ValueError` unless they are a manifest and a file of each model."""
    files = {name: BundleFile(**one) for name, one in said.items()}
    require(all(type(one.bytes) is int and one.bytes >= 0 for one in files.values()), "a model's file has no size")
    found = [_MEMBER.fullmatch(name) for name in files]
    models = [one["model"] for one in found if one]
    manifests = {one["model"] for one in found if one and one["file"] == MANIFEST}
    whole = all(found) and manifests == set(models) and all(models.count(name) == 2 for name in manifests)
    require(whole, "its models are not a manifest and a file each")
    return files


def read_models(archive: zipfile.ZipFile, files: Mapping[str, BundleFile]) -> tuple[IncomingModel, ...]:
    """The models of a bundle, every digest checked. Raises `ValueError`."""
    found = []
    for name, said in files.items():
        with archive.open(name) as member:
            require(_digest(member) == said.sha256, f"{name} is not what was written")
        _, model, file = name.split("/")
        if file != MANIFEST:
            manifest = member_of(model, MANIFEST)
            require(files[manifest].bytes <= LARGEST_MANIFEST, f"{manifest} is too long")
            found.append(IncomingModel(model, archive.read(manifest), file, said.sha256))
    return tuple(found)


def unpack(bundle: Path, model: IncomingModel, target: Path) -> None:
    """Copy a model's file out of a bundle; whoever takes it in checks it once more."""
    with zipfile.ZipFile(bundle) as archive, archive.open(model.member) as source, target.open("wb") as out:
        shutil.copyfileobj(source, out, _CHUNK)


def _digest(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    for piece in _pieces(file):
        digest.update(piece)
    return digest.hexdigest()


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(_CHUNK):
        STOPPING.check()
        yield piece
