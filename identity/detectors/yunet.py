"""Faces with five landmarks by YuNet, run by ONNX Runtime on images of any size.

Wu, Peng, Yu: "YuNet: a tiny millisecond-level face detector", Machine Intelligence Research 20, 2023.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from identity.core.errors import ModelError, first_line
from identity.core.types import Box, Image, Region
from identity.detectors.decoding import DetectedFaces, decode, join, suppress
from identity.detectors.windows import View, closer_views, overview

SIDE_PX = 640  # the largest view the network sees
STRIDE_PX = 32
SMALL_FACE_PX = 32  # in the overview: where the smallest face is below it, a closer look is worth its price
ZOOM = 2.5
LARGEST_SCALE = 2.0
BATCH_PIXELS = 2**20  # pixels per run: 16 images of 256 x 256, 2 of 640 x 640


class YuNetDetector:
    """Finds faces from about 10 px, of at least `min_score`, overlapping each other by at most `max_overlap`.

    An image is first seen whole, at most 640 px; when that shows no face, or one so small that others may have been
    missed, it is looked at again 2.5 times larger, piece by piece.
    """

    def __init__(
        self, path: Path, *, min_score: float = 0.6, max_overlap: float = 0.3, threads: int | None = None
    ) -> None:
        self._path = path
        self._min_score = min_score
        self._max_overlap = max_overlap
        self._threads = threads

    @cached_property
    def fingerprint(self) -> str:
        """Version, digest of the weights, and every parameter that decides which region is found."""
        try:
            weights = hashlib.sha256(self._path.read_bytes()).hexdigest()
        except OSError as error:
            raise ModelError(f"cannot read the detector {self._path}: {error.strerror}") from error
        return f"yunet/1:{weights[:16]}:{self._min_score:g}:{self._max_overlap:g}:{SIDE_PX}:{SMALL_FACE_PX}:{ZOOM:g}"

    def detect(self, images: Sequence[Image]) -> list[list[Region]]:
        """Faces of each image (h, w) or (h, w, 3) RGB, best first, boxes within the image, landmarks (5, 2)."""
        first = self._look(images, [overview(*_size(image), side_px=SIDE_PX) for image in images])
        again = [index for index, faces in enumerate(first) if self._may_miss(faces, images[index])]
        zoomed = [images[index] for index in again]
        views = [closer_views(*_size(one), side_px=SIDE_PX, zoom=ZOOM, largest=LARGEST_SCALE) for one in zoomed]
        for index, faces in zip(again, self._look(zoomed, views), strict=True):
            first[index] = suppress(join([first[index], faces]), max_overlap=self._max_overlap)
        return [_regions(faces, *_size(image)) for faces, image in zip(first, images, strict=True)]

    def _look(self, images: Sequence[Image], views: Sequence[list[View]]) -> list[DetectedFaces]:
        """The faces seen in the views of each image, in the image's own pixels."""
        jobs = [(index, view) for index, listed in enumerate(views) for view in listed]
        found: list[list[DetectedFaces]] = [[] for _ in images]
        for batch in self._batches(jobs):
            canvas = np.stack([self._canvas(images[index], view) for index, view in batch])
            for (index, view), faces in zip(batch, self._run(canvas), strict=True):
                found[index].append(faces.in_image_pixels(scale=view.scale, shift=(view.box.x1, view.box.y1)))
        return [suppress(join(parts), max_overlap=self._max_overlap) for parts in found]

    def _batches(self, jobs: Sequence[tuple[int, View]]) -> list[list[tuple[int, View]]]:
        """Jobs of one canvas size together, as many as memory is meant to hold."""
        by_shape: dict[tuple[int, int], list[tuple[int, View]]] = {}
        for job in jobs:
            by_shape.setdefault(self._shape(job[1]), []).append(job)
        batches = []
        for (height, width), group in by_shape.items():
            size = 1 if self._fixed_batch else max(1, BATCH_PIXELS // (height * width))
            batches += [group[start : start + size] for start in range(0, len(group), size)]
        return batches

    def _canvas(self, image: Image, view: View) -> Image:
        canvas = np.zeros((*self._shape(view), 3), dtype=np.uint8)
        canvas[: view.height_px, : view.width_px] = view.render(image)
        return canvas

    def _shape(self, view: View) -> tuple[int, int]:
        if self._fixed_side:
            return self._fixed_side, self._fixed_side
        return -(-view.height_px // STRIDE_PX) * STRIDE_PX, -(-view.width_px // STRIDE_PX) * STRIDE_PX

    def _run(self, canvas: Image) -> list[DetectedFaces]:
        images = np.ascontiguousarray(canvas[..., ::-1].transpose(0, 3, 1, 2), dtype=np.float32)
        try:
            answers = self._session.run(None, {self._session.get_inputs()[0].name: images})
        except Exception as error:
            raise ModelError(f"the detector {self._path} failed: {first_line(error)}") from error
        named = dict(zip((output.name for output in self._session.get_outputs()), answers, strict=True))
        return decode(named, width_px=canvas.shape[2], min_score=self._min_score)

    def _may_miss(self, faces: DetectedFaces, image: Image) -> bool:
        if len(faces.scores) == 0:
            return True
        sides = np.maximum(faces.boxes[:, 2] - faces.boxes[:, 0], faces.boxes[:, 3] - faces.boxes[:, 1])
        return bool(sides.min() * overview(*_size(image), side_px=SIDE_PX)[0].scale[0] < SMALL_FACE_PX)

    @cached_property
    def _session(self) -> Any:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads or 0
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            only = ["CPUExecutionProvider"]  # nothing to fall back to: trying is said on stdout
            return onnxruntime.InferenceSession(str(self._path), options, providers=only, enable_fallback=0)
        except Exception as error:
            raise ModelError(f"ONNX Runtime cannot load {self._path}: {first_line(error)}") from error

    @cached_property
    def _fixed_side(self) -> int:
        """The side the network insists on (640 in OpenCV's file), or 0."""
        side = self._session.get_inputs()[0].shape[2]
        return side if isinstance(side, int) else 0

    @cached_property
    def _fixed_batch(self) -> bool:
        return isinstance(self._session.get_inputs()[0].shape[0], int)


def _size(image: Image) -> tuple[int, int]:
    return image.shape[1], image.shape[0]


def _regions(faces: DetectedFaces, width: int, height: int) -> list[Region]:
    limits = np.array([width, height, width, height])
    boxes: NDArray[np.int64] = np.clip(np.rint(faces.boxes), 0, limits).astype(np.int64)
    return [
        Region(Box(*(int(edge) for edge in box)), float(score), landmarks.astype(np.float32))
        for box, score, landmarks in zip(boxes, faces.scores, faces.landmarks, strict=True)
        if box[2] > box[0] and box[3] > box[1]
    ]
