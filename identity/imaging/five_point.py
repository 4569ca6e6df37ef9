"""Brings a face into the pose its network was trained on: two eyes, nose and mouth corners onto a fixed template.

The similarity transform is the least-squares one of Umeyama, "Least-squares estimation of transformation parameters
between two point patterns", IEEE TPAMI 13(4), 1991.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pictures

from identity.core.errors import ModelError
from identity.core.types import Box, Image, Region

LOOSENESS = 1.3  # side of a loose crop over the longer side of the face's box
Transform = NDArray[np.float64]  # (2, 3): target = T[:, :2] @ point + T[:, 2]


class FivePointAligner:
    """Warps the five landmarks of a region onto `template` ((5, 2), fractions of the side) in `size_px` pixels.

    A region without landmarks is cut out as its box and resized.
    """

    def __init__(self, template: Sequence[Sequence[float]] | NDArray[np.floating], size_px: int) -> None:
        fractions = np.asarray(template, dtype=np.float64)
        if fractions.shape != (5, 2) or size_px < 1:
            raise ModelError(
                f"five-point alignment needs a template of five points and a size above 0 px, not shape "
                f"{fractions.shape} and {size_px} px: correct the manifest of the model"
            )
        self._target = fractions * size_px
        self.size_px = size_px

    @property
    def fingerprint(self) -> str:
        """Method and version, and a digest of template and side."""
        shaping = np.round(self._target, 4).tobytes() + str(self.size_px).encode()
        return f"five-point/1:{hashlib.sha256(shaping).hexdigest()[:16]}"

    def align(self, image: Image, region: Region) -> Image | None:
        """The face (size_px, size_px[, 3]), upright on the template, black where the image ends."""
        if region.landmarks is None:
            return _cut_box(image, region.box, self.size_px)
        transform = similarity(region.landmarks, self._target)
        if transform is None:
            return _cut_box(image, region.box, self.size_px)
        return warp(image, transform, self.size_px)


class WholeAligner:
    """Resizes a region's box to `size_px` squared, for crops that need no alignment."""

    def __init__(self, size_px: int) -> None:
        self.size_px = size_px

    @property
    def fingerprint(self) -> str:
        """Method, version and side."""
        return f"whole/1:{self.size_px}"

    def align(self, image: Image, region: Region) -> Image | None:
        """The box (size_px, size_px[, 3]); an image that has this size already passes unchanged."""
        return _cut_box(image, region.box, self.size_px)


class LooseAligner:
    """Cuts a detected face out with room around it: a square of 1.3 times the box's longer side, about its centre.

    An image that nobody detected a face in (no landmarks) is a crop already and is resized whole.
    """

    def __init__(self, size_px: int) -> None:
        self.size_px = size_px

    @property
    def fingerprint(self) -> str:
        """Method, version, room and side."""
        return f"loose/1:{LOOSENESS:g}:{self.size_px}"

    def align(self, image: Image, region: Region) -> Image | None:
        """The square (size_px, size_px[, 3]), black where the image ends."""
        box = region.box
        if region.landmarks is None:
            return _cut_box(image, box, self.size_px)
        scale = self.size_px / (LOOSENESS * max(box.x2 - box.x1, box.y2 - box.y1, 1))
        centre = np.array([box.x1 + box.x2, box.y1 + box.y2]) / 2
        return warp(image, np.column_stack([np.eye(2) * scale, self.size_px / 2 - scale * centre]), self.size_px)


def similarity(points: NDArray[np.floating], target: NDArray[np.floating]) -> Transform | None:
    """Rotation, uniform scale and shift that bring `points` (n, 2) nearest to `target` (n, 2): Umeyama (1991).

    None where the points have no extent, or lie so that no similarity fits them (not finite).
    """
    source, goal = np.asarray(points, dtype=np.float64), np.asarray(target, dtype=np.float64)
    if not np.isfinite(source).all():
        return None
    centre, goal_centre = source.mean(axis=0), goal.mean(axis=0)
    spread = ((source - centre) ** 2).sum() / len(source)
    if spread < 1e-9:
        return None
    left, singular, right = np.linalg.svd((goal - goal_centre).T @ (source - centre) / len(source))
    signs = np.array([1.0, np.sign(np.linalg.det(left) * np.linalg.det(right))])
    turn = left @ np.diag(signs) @ right
    scale = (singular * signs).sum() / spread
    if scale < 1e-6:
        return None
    return np.column_stack([scale * turn, goal_centre - scale * turn @ centre])


def warp(image: Image, transform: Transform, size_px: int) -> Image:
    """The image seen through a similarity transform, (size_px, size_px[, 3]); bilinear, black outside.

    Where the transform shrinks, the source is averaged first (whole blocks of pixels), so that nothing aliases.
    """
    picture = Pictures.fromarray(image)
    to_source = np.linalg.inv(np.vstack([transform, [0.0, 0.0, 1.0]]))[:2]
    block_px = int(np.sqrt(abs(np.linalg.det(to_source[:, :2]))))
    if block_px > 1:
        picture, to_source = _average_blocks(picture, to_source, block_px=block_px, size_px=size_px)
    coefficients = tuple(float(one) for one in to_source.ravel())
    seen = picture.transform(
        (size_px, size_px), Pictures.Transform.AFFINE, coefficients, resample=Pictures.Resampling.BILINEAR
    )
    return np.asarray(seen)


def _average_blocks(
    picture: Pictures.Image, to_source: Transform, *, block_px: int, size_px: int
) -> tuple[Pictures.Image, Transform]:
    """The part of the picture that the square covers, each block of pixels averaged, and the transform to it."""
    corners = np.array([[0, 0], [size_px, 0], [0, size_px], [size_px, size_px]]) @ to_source[:, :2].T + to_source[:, 2]
    x1, y1 = np.clip(np.floor(corners.min(axis=0)) - block_px, 0, picture.size).astype(int)
    x2, y2 = np.clip(np.ceil(corners.max(axis=0)) + block_px, 0, picture.size).astype(int)
    if x2 - x1 < block_px or y2 - y1 < block_px:
        return picture, to_source
    reduced = picture.reduce(block_px, box=(int(x1), int(y1), int(x2), int(y2)))
    moved = to_source.copy()
    moved[:, 2] -= (x1, y1)
    return reduced, moved / block_px


def _cut_box(image: Image, box: Box, size_px: int) -> Image:
    height, width = image.shape[:2]
    x1, y1 = min(max(box.x1, 0), width - 1), min(max(box.y1, 0), height - 1)
    x2, y2 = max(min(box.x2, width), x1 + 1), max(min(box.y2, height), y1 + 1)
    cut = np.ascontiguousarray(image[y1:y2, x1:x2])
    if cut.shape[:2] == (size_px, size_px):
        return cut
    return np.asarray(Pictures.fromarray(cut).resize((size_px, size_px), Pictures.Resampling.BILINEAR))
