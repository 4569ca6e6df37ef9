"""Models on offer for these tests: a tiny network's catalogue entry, the server that has it, what is left of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from identity.core.model import InputSpec, ModelManifest
from identity.zoo import adding, catalogue
from identity.zoo.folder import ModelFolder
from identity.zoo.manifest import dump
from identity.zoo.release import Entry, Release

WEIGHTS = b"weights of a network " * 5000


@dataclass
class Server:
    address: str
    files: dict[str, bytes] = field(default_factory=dict)
    promised: int = 0  # bytes announced beyond those that are sent
    asked: list[str] = field(default_factory=list)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def entry(address: str, *, content: bytes = WEIGHTS, pinned: bool = False, **release: object) -> Entry:
    spec = InputSpec("NCHW", 8, "rgb", (0.0, 0.0, 0.0), 1.0)
    digest, size = ("", 0) if pinned else (sha256(content), len(content))
    manifest = ModelManifest("tiny", "face", "model.onnx", digest, size, 4, spec, "whole/1", licence="research only")
    return Entry(manifest, Release(address, **release))


@contextmanager
def offering(*entries: Entry) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalogue, "ENTRIES", entries)
        patch.setattr(adding, "ENTRIES", entries)
        yield


def left_in(models: ModelFolder) -> list[str]:
    return sorted(one.name for one in models.home.iterdir()) if models.home.is_dir() else []


def converted(weights: Path, folder: Path) -> Path:
    """A stand-in for a conversion: the bytes in another order."""
    content = weights.read_bytes()[::-1]
    (folder / "model.onnx").write_bytes(content)
    made = entry("x", content=content).manifest
    (folder / "manifest.json").write_text(dump(made))
    return folder
