"""The manifest of a bundle: what the gallery is, how many rows its tables have, every part's size and digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from identity.bundles.claims import require
from identity.bundles.columns import part_kinds, shape_of
from identity.bundles.models import BundleFile, parse_files
from identity.core.bundle import LATER, TABLES, BundleFacts
from identity.core.errors import BundleError

FORMAT, VERSION = "identity-gallery", 3
READ = range(1, VERSION + 1)
NAME = "manifest.json"
ENDING = ".npy"
LARGEST = 1 << 20  # bytes
_LARGEST_COUNT = 1 << 40


@dataclass(frozen=True, slots=True)
class BundlePart:
    """One array of a bundle."""

    dtype: str
    shape: tuple[int, ...]
    sha256: str  # of the whole .npy file


@dataclass(frozen=True, slots=True)
class BundleManifest:
    """What a bundle says of itself."""

    facts: BundleFacts
    crops: bool
    counts: Mapping[str, int]
    parts: Mapping[str, BundlePart]
    files: Mapping[str, BundleFile]  # of the models that go along


def dump(manifest: BundleManifest) -> bytes:
    """The manifest as bytes, the same for the same gallery; the last digest is that of all before it."""
    said: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "gallery": asdict(manifest.facts),
        "crops": manifest.crops,
        "counts": dict(manifest.counts),
        "parts": {name + ENDING: asdict(part) for name, part in manifest.parts.items()},
        "models": {name: asdict(file) for name, file in manifest.files.items()},
    }
    return _text(said | {"sha256": _digest(said)})


def parse(text: bytes) -> BundleManifest:
    """The manifest in some bytes. Raises `ValueError` where it is none, `BundleError` where it is a newer one."""
    said = json.loads(text.decode())
    require(isinstance(said, dict) and said.get("format") == FORMAT, "its manifest is of no gallery")
    version = said.get("version")
    if version not in READ:
        raise BundleError(
            f"the bundle has version {version!r}, this program reads versions 1 to {VERSION}: "
            "install a newer version of identity"
        )
    digest = said.pop("sha256", None)
    require(digest == _digest(said), "its manifest was altered")
    facts, counts = _facts(said["gallery"]), said["counts"]
    require(isinstance(said["crops"], bool), "it does not say whether it has crops")
    tables = [table for table in TABLES if LATER.get(table, 1) <= version]
    require(set(counts) == set(tables), "its tables are others")
    require(all(type(n) is int and 0 <= n < _LARGEST_COUNT for n in counts.values()), "it counts wrongly")
    parts, files = _parts(said["parts"], counts, dim=facts.dim), parse_files(said.get("models", {}))
    return BundleManifest(facts, said["crops"], dict.fromkeys(TABLES, 0) | counts, parts, files)


def _facts(said: Mapping[str, Any]) -> BundleFacts:
    facts = BundleFacts(**said)
    require(type(facts.dim) is int, "its vectors have no length")
    for name in ("name", "model", "detector", "space", "created_at"):
        getattr(facts, name).encode()  # a text, and one that every database takes
    return facts


def _parts(said: Mapping[str, Any], counts: Mapping[str, int], *, dim: int) -> dict[str, BundlePart]:
    kinds = part_kinds(counts)
    require(set(said) == {name + ENDING for name in kinds}, "its parts are others")
    parts = {}
    for name, kind in kinds.items():
        part = BundlePart(**said[name + ENDING])
        wanted, shape = shape_of(name, counts, dim=dim), tuple(part.shape)
        fits = len(shape) == len(wanted) and all(one in (None, n) for one, n in zip(wanted, shape, strict=True))
        counted = all(type(n) is int and 0 <= n < _LARGEST_COUNT for n in shape)
        require(part.dtype == kind and fits and counted, f"{name} has another type or shape")
        parts[name] = BundlePart(kind, shape, part.sha256)
    return parts


def _digest(said: Mapping[str, Any]) -> str:
    return hashlib.sha256(_text(said)).hexdigest()


def _text(said: Mapping[str, Any]) -> bytes:
    return (json.dumps(said, indent=1, sort_keys=True, ensure_ascii=True) + "\n").encode()
