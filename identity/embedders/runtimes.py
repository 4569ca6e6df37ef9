"""Which program runs a network: a table by the ending of the model's file. Another runtime is a file beside this one.

What shapes a vector is the network, not who runs it: the runtime is no part of a space's fingerprint unless its
embedder says so.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from identity.core.model import ModelManifest
from identity.core.pipeline_ports import Embedder

Open = Callable[[Path, ModelManifest, int | None], Embedder]  # file, its facts, threads (None: all cores)


def _open_onnx(path: Path, manifest: ModelManifest, threads: int | None) -> Embedder:
    from identity.embedders.onnx import OnnxEmbedder

    return OnnxEmbedder(path, manifest, threads=threads)


RUNTIMES: dict[str, Open] = {".onnx": _open_onnx}


def is_onnx(path: Path) -> bool:
    """Whether ONNX Runtime is what runs a model's file."""
    return RUNTIMES.get(path.suffix.lower(), _open_onnx) is _open_onnx


def open_embedder(path: Path, manifest: ModelManifest, *, threads: int | None = None) -> Embedder:
    """The embedder of a model's file; another ending is ONNX too, as manifests never asked for one."""
    return RUNTIMES.get(path.suffix.lower(), _open_onnx)(path, manifest, threads)
