"""Serves every embedding network through ONNX Runtime: crops in, unit vectors out, whatever trained the network."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from identity.core.distance import unit_vectors
from identity.core.errors import ModelError, first_line
from identity.core.model import InputSpec, ModelManifest
from identity.core.types import Image, Vectors

BATCH_PIXELS = 2**17  # bounds the memory of activations: 8 crops of 128 px; 32 took four times as much and were slower
LARGEST_BATCH = 512
LUMA = np.array([19595, 38470, 7471], dtype=np.uint32)  # ITU-R 601 in 1/65536, as Pillow has it
NORMALISATION = "l2/1"


class OnnxEmbedder:
    """An embedding network from a model folder. The session is made at the first batch, not before.

    `threads` is the number ONNX Runtime may use, all cores where it is None. The file's digest is the model folder's
    business: it was checked when the manifest was handed out.
    """

    def __init__(self, path: Path, manifest: ModelManifest, *, threads: int | None = None) -> None:
        self._path = path
        self._manifest = manifest
        self._threads = threads

    @property
    def dim(self) -> int:
        """Length of a vector, as the manifest declares it."""
        return self._manifest.dim

    @property
    def fingerprint(self) -> str:
        """sha256 over weights digest, preprocessing and normalisation."""
        return fingerprint(self._manifest)

    def embed(self, crops: Sequence[Image]) -> Vectors:
        """Vectors (n, dim) float32, unit rows, of n crops (size_px, size_px) grey or (size_px, size_px, 3) RGB.

        Raises `ModelError` where a crop has another size, where the network does not take or return what its
        manifest says, or where it returns NaN.
        """
        batches = [crops[start : start + self._batch] for start in range(0, len(crops), self._batch)]
        vectors = np.empty((len(crops), self.dim), dtype=np.float32)
        start = 0
        for batch in batches:
            vectors[start : start + len(batch)] = self._run(tensor(batch, self._manifest.input))
            start += len(batch)
        return unit_vectors(vectors)

    @cached_property
    def _session(self) -> Any:
        session = open_session(self._path, threads=self._threads)
        _check_shapes(session, self._manifest)
        return session

    @cached_property
    def _batch(self) -> int:
        """Images per run: what the network's first axis says where it is fixed, else bounded by memory."""
        declared = self._session.get_inputs()[0].shape[0]
        if isinstance(declared, int):
            return declared
        return max(1, min(LARGEST_BATCH, BATCH_PIXELS // self._manifest.input.size_px**2))

    def _run(self, images: NDArray[np.float32]) -> NDArray[np.float32]:
        missing = self._batch - len(images) if isinstance(self._session.get_inputs()[0].shape[0], int) else 0
        filled = np.pad(images, [(0, missing), (0, 0), (0, 0), (0, 0)]) if missing > 0 else images
        raw = _answer(self._session, filled, name=self._manifest.name)
        flat: NDArray[np.float32] = raw.reshape(len(filled), -1)[: len(images)]
        if flat.shape[1] != self.dim:
            raise ModelError(_wrong_dimension(self._manifest, flat.shape[1]))
        return flat


def fingerprint(manifest: ModelManifest) -> str:
    """Hex sha256 over everything that shapes a vector after alignment; the model's name is no part of it."""
    shaping = {"weights": manifest.sha256, "input": asdict(manifest.input), "normalisation": NORMALISATION}
    return hashlib.sha256(json.dumps(shaping, sort_keys=True).encode()).hexdigest()


def tensor(crops: Sequence[Image], spec: InputSpec) -> NDArray[np.float32]:
    """The network's input (n, h, w, c) or (n, c, h, w), float32: (pixel - mean) * scale in its channel order.

    Raises `ModelError` where a crop is not `spec.size_px` on both sides.
    """
    pixels = np.stack([_with_channels(crop, spec) for crop in crops])
    if spec.layout == "NCHW":
        pixels = pixels.transpose(0, 3, 1, 2)
    images = np.ascontiguousarray(pixels, dtype=np.float32)
    if any(spec.mean):
        axis = (-1, 1, 1) if spec.layout == "NCHW" else (-1,)
        images -= np.asarray(spec.mean, dtype=np.float32).reshape(axis)
    if spec.scale != 1:
        images *= np.float32(spec.scale)
    return images


def open_session(path: Path, *, threads: int | None = None) -> Any:
    """An ONNX Runtime session on a file. Raises `ModelError` where the file is no network that it can run."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or 0
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        only = ["CPUExecutionProvider"]  # nothing to fall back to: trying is said on stdout
        return onnxruntime.InferenceSession(str(path), options, providers=only, enable_fallback=0)
    except Exception as error:  # ONNX Runtime errors share no base class
        raise ModelError(
            f"ONNX Runtime cannot load {path} ({first_line(error)}): give an ONNX file that it supports"
        ) from error


def _with_channels(crop: Image, spec: InputSpec) -> Image:
    if crop.shape[:2] != (spec.size_px, spec.size_px):
        raise ModelError(
            f"the network takes images of {spec.size_px} x {spec.size_px} px, but a crop has shape {crop.shape[:2]}: "
            "correct 'input' in its manifest"
        )
    if spec.channels == "grey":
        return _to_grey(crop)[:, :, None]
    if crop.ndim == 2:
        return np.repeat(crop[:, :, None], 3, axis=2)
    return crop if spec.channels == "rgb" else crop[:, :, ::-1]


def _to_grey(crop: Image) -> Image:
    if crop.ndim == 2:
        return crop
    return ((crop.astype(np.uint32) @ LUMA + 0x8000) >> 16).astype(np.uint8)


def _answer(session: Any, images: NDArray[np.float32], *, name: str) -> NDArray[np.float32]:
    try:
        answer = session.run(None, {session.get_inputs()[0].name: images})[0]
    except Exception as error:  # ONNX Runtime errors share no base class
        raise ModelError(
            f"model '{name}' failed on its input ({first_line(error)}): correct 'input' in its manifest"
        ) from error
    return np.asarray(answer, dtype=np.float32)


def _check_shapes(session: Any, manifest: ModelManifest) -> None:
    """Refuse what can be refused before the first image: rank, side, channels and dimension where they are fixed."""
    if len(session.get_inputs()) != 1:
        inputs = len(session.get_inputs())
        raise ModelError(f"model '{manifest.name}' takes {inputs} inputs instead of one image: give another model")
    shape = session.get_inputs()[0].shape
    side, channels = manifest.input.size_px, len(manifest.input.mean)
    wanted = [side, side, channels] if manifest.input.layout == "NHWC" else [channels, side, side]
    fits = len(shape) == 4 and all(
        not isinstance(found, int) or found == want for found, want in zip(shape[1:], wanted, strict=True)
    )
    if not fits:
        raise ModelError(
            f"model '{manifest.name}' takes input {shape}, but its manifest says {wanted}: correct 'input' there"
        )
    sizes = session.get_outputs()[0].shape[1:]
    if all(isinstance(size, int) for size in sizes) and int(np.prod(sizes)) != manifest.dim:
        raise ModelError(_wrong_dimension(manifest, int(np.prod(sizes))))


def _wrong_dimension(manifest: ModelManifest, found: int) -> str:
    return (
        f"model '{manifest.name}' returns vectors of {found} numbers, but its manifest says {manifest.dim}: "
        "correct 'dim' there"
    )
