"""Frames a handwritten digit as MNIST framed its digits, whatever it was photographed on.

MNIST: grey, the ink's bounding box scaled into 20x20 keeping its aspect, centred by mass in 28x28, light on dark
(LeCun et al. 1998). An image that already looks like that passes unchanged.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageFilter

from identity.core.types import Image, Region
from identity.imaging.blobs import large_blobs

SIZE_PX = 28
INK_PX = 20
FRAMED_PX = 17  # ink that long, edges too faint to see left out, fills its frame
WORK_PX = 256  # longer images are scaled down to this before their ink is looked for
LEAST_CONTRAST = 24  # grey levels between paper and ink
PAPER_SIGMA = 0.125  # blur that estimates uneven light, as a share of the image's longer side
SPECK = 0.02  # blobs with less than this share of the largest blob's pixels are dirt

Grey = NDArray[np.float32]


class DigitAligner:
    """Implements the port `Aligner` for digits."""

    fingerprint = "mnist-28/2"
    size_px = SIZE_PX

    def align(self, image: Image, region: Region) -> Image | None:
        """The digit as 28x28 light on dark, None where there is no ink."""
        box = region.box
        part = image[box.y1 : box.y2, box.x1 : box.x2]
        if part.size == 0:
            return None
        grey = _grey(part)
        if grey.shape == (SIZE_PX, SIZE_PX):
            if not _is_inverted_frame(grey):
                return None if int(grey.max()) - int(grey.min()) < LEAST_CONTRAST else grey
            if (turned := _invert_paper(grey)) is not None:
                return turned
        return _frame_ink(_ink(grey))


def _border(grey: Image | Grey) -> Image | Grey:
    return np.concatenate([grey[0], grey[-1], grey[1:-1, 0], grey[1:-1, -1]])


def _is_dark_on_light(grey: Image | Grey) -> bool:
    """Paper is what the border shows; it is light where it lies nearer to the lightest than to the darkest part."""
    paper = _median(_border(grey))
    return float(grey.max()) - paper < paper - float(grey.min())


def _is_inverted_frame(grey: Image) -> bool:
    """An image of MNIST's size that shows dark ink on light paper; the ink may reach one edge, not two.

    MNIST's own centring by mass pushes one digit in a hundred to an edge. Light that the dark cuts from edge to edge is
    no paper: what it leaves dark would be taken for the ink.
    """
    if not _is_dark_on_light(grey):
        return False
    middle = (_median(_border(grey)) + float(grey.min())) / 2
    reached = sum(bool((edge < middle).any()) for edge in (grey[0], grey[-1], grey[:, 0], grey[:, -1]))
    return reached <= 1


def _invert_paper(grey: Image) -> Image | None:
    """Light ink on dark for dark ink on even paper, where it fills its frame already as MNIST's does; else None."""
    paper = np.uint8(_median(_border(grey)))
    turned = paper - np.minimum(grey, paper)
    ink = np.argwhere(turned >= LEAST_CONTRAST)
    fills = len(ink) and FRAMED_PX <= np.ptp(ink, axis=0).max() + 1 <= INK_PX
    return turned if fills else None


def unevenness(image: Image) -> float:
    """How much the paper's grey varies from pixel to pixel, even light taken out: 0 for a drawing.

    Grey levels, as a standard deviation. A camera's grain makes a few; where nothing is paper, it is large.
    """
    return _grain(_above_paper(_grey(image)))


def _grey(image: Image) -> Image:
    return image if image.ndim == 2 else np.asarray(Pillow.fromarray(image).convert("L"))


def _above_paper(grey: Image) -> Grey:
    """How far each pixel is from the paper, ink upwards, in an image of at most `WORK_PX`."""
    picture = Pillow.fromarray(grey)
    if max(picture.size) > WORK_PX:
        picture.thumbnail((WORK_PX, WORK_PX), Pillow.Resampling.BOX)
    values = np.asarray(picture, np.float32)
    if _is_dark_on_light(values):
        values = 255 - values
    return np.asarray(values - _paper(values), np.float32)


def _ink(grey: Image) -> Grey | None:
    """How much ink each pixel has, 0..255, even light taken out; None where there is none."""
    values = _above_paper(grey)
    strongest = float(np.quantile(values, 0.999)) if values.size > 1000 else float(values.max())
    if strongest < LEAST_CONTRAST:
        return None
    weakest = 0.1 * strongest if _is_scan(values) else max(3 * _grain(values), 0.15 * strongest)
    if weakest >= strongest:
        return None
    ink = np.clip((values - weakest) / (strongest - weakest), 0, 1) * 255
    return _without_specks(ink.astype(np.float32))


def _paper(values: Grey) -> Grey | np.float32:
    """The paper's own grey under the ink: flat in small images, smooth in photographs."""
    flat = np.float32(_median(_border(values)))
    if _is_scan(values):
        return flat
    rough = np.minimum(values, np.quantile(values, 0.7)).astype(np.uint8)
    blur = ImageFilter.GaussianBlur(PAPER_SIGMA * max(values.shape))
    return np.asarray(Pillow.fromarray(rough).filter(blur), np.float32)


def _is_scan(values: Grey) -> bool:
    """So few pixels are a clean scan, where every grey is ink and none is grain."""
    return int(max(values.shape)) < 2 * SIZE_PX


def _grain(values: Grey) -> float:
    """Standard deviation of the paper's noise, from the lower half of the values (they hold no ink)."""
    middle = np.float32(_median(values))
    return _median(np.abs(values[values <= middle] - middle)) * 1.4826


def _median(values: Image | Grey) -> float:
    """The median; numpy's own loads masked arrays to look for NaN, a tenth of what a query takes to start."""
    middle = (values.size - 1) // 2, values.size // 2
    low, high = np.partition(values, middle, axis=None)[list(middle)].astype(np.float32)
    return float((low + high) / 2)


def _without_specks(ink: Grey) -> Grey | None:
    core = ink > 64 if _is_scan(ink) else large_blobs(ink > 64, least=SPECK)
    if not core.any():
        return None
    rows, columns = np.flatnonzero(core.any(axis=1)), np.flatnonzero(core.any(axis=0))
    around = slice(max(rows[0] - 1, 0), rows[-1] + 2), slice(max(columns[0] - 1, 0), columns[-1] + 2)
    return ink[around]


def _frame_ink(ink: Grey | None) -> Image | None:
    if ink is None:
        return None
    scale = INK_PX / max(ink.shape)
    size = (max(1, round(ink.shape[1] * scale)), max(1, round(ink.shape[0] * scale)))
    filter_ = Pillow.Resampling.LANCZOS if scale > 1 else Pillow.Resampling.BOX
    small = np.asarray(Pillow.fromarray(ink).resize(size, filter_))
    small = np.clip(small * (255 / max(float(small.max()), 1.0)), 0, 255)
    canvas = np.zeros((SIZE_PX, SIZE_PX), np.float32)
    top, left = (SIZE_PX - small.shape[0]) // 2, (SIZE_PX - small.shape[1]) // 2
    canvas[top : top + small.shape[0], left : left + small.shape[1]] = small
    room = np.array([top, left])
    offset = np.clip(np.round((SIZE_PX - 1) / 2 - _centre_of_mass(canvas)), -room, room)
    centred = np.roll(canvas, tuple(offset.astype(int)), axis=(0, 1))  # the margin is wider than the offset
    return np.round(centred).astype(np.uint8)


def _centre_of_mass(canvas: Grey) -> NDArray[np.float64]:
    places = np.indices(canvas.shape).reshape(2, -1)
    return np.asarray((places * canvas.ravel()).sum(axis=1) / canvas.sum(), np.float64)
