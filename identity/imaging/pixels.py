"""Any Pillow image as grey or RGB of 8 bits, in strips, so that a large one is never in memory twice."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from identity.core.types import Image

WIDE_MODES = ("I", "I;16", "I;16B", "I;16L", "I;16N", "F")
TRANSPARENT_MODES = ("LA", "La", "PA", "RGBA", "RGBa")
STRIP_PIXELS = 2**21
Strip = tuple[slice, Pillow.Image]  # its rows, and what they show


def pixels_of(image: Pillow.Image) -> Image:
    """Any Pillow image as grey (h, w) or RGB (h, w, 3) uint8."""
    if image.mode in WIDE_MODES:
        return _to_8_bits(image)
    if image.mode in TRANSPARENT_MODES or "transparency" in image.info:
        return _on_background(image)
    if image.mode in ("1", "L"):
        return _converted(image, "L")
    pixels = _converted(image, "RGB")
    return pixels[:, :, 0] if image.mode == "P" and _is_grey(pixels) else pixels


def _strips(image: Pillow.Image) -> Iterator[Strip]:
    rows = max(1, STRIP_PIXELS // max(1, image.width))
    if rows >= image.height:
        yield slice(None), image
        return
    for top in range(0, image.height, rows):
        bottom = min(top + rows, image.height)
        yield slice(top, bottom), image.crop((0, top, image.width, bottom))


def _converted(image: Pillow.Image, mode: str) -> Image:
    pixels = np.empty((image.height, image.width, *((3,) if mode == "RGB" else ())), np.uint8)
    for rows, strip in _strips(image):
        pixels[rows] = np.asarray(strip.convert(mode))
    return pixels


def _is_grey(pixels: Image) -> bool:
    return bool((pixels[:, :, 0] == pixels[:, :, 1]).all() and (pixels[:, :, 0] == pixels[:, :, 2]).all())


def _to_8_bits(image: Pillow.Image) -> Image:
    """16 and 32 bit grey to 8: by the full range of 16 bits, or by what the file uses where that is another."""
    parts = [(rows, np.asarray(strip)) for rows, strip in _strips(image)]
    low = min((float(part.min(initial=0)) for _, part in parts), default=0.0)
    high = max((float(part.max(initial=0)) for _, part in parts), default=0.0)
    pixels = np.empty((image.height, image.width), np.uint8)
    for rows, part in parts:
        pixels[rows] = _scaled(part, low, high)
    return pixels


def _scaled(wide: NDArray[np.generic], low: float, high: float) -> Image:
    values = wide.astype(np.float64)
    if low >= 0 and high <= 255 and wide.dtype != np.uint16:
        return np.round(values).astype(np.uint8)
    if low >= 0 and high <= 65535:
        return np.round(values / 257).astype(np.uint8)
    with np.errstate(invalid="ignore", over="ignore"):  # what is not finite is no grey anyway
        return np.nan_to_num(np.round((values - low) / max(high - low, 1e-12) * 255)).clip(0, 255).astype(np.uint8)


def _on_background(image: Pillow.Image) -> Image:
    """Transparent parts as white, or as black where what is drawn is itself light."""
    weight, light, opaque = 0.0, 0.0, True
    for _, strip in _strips(image):
        shown = strip.convert("RGBA")
        alpha = np.asarray(shown.getchannel("A"))
        weight += float(alpha.sum()) / 255.0
        light += float((np.asarray(shown.convert("L")) * (alpha / 255.0)).sum())
        opaque = opaque and bool((alpha == 255).all())
    dark = weight > 0 and light / weight > 127 and not opaque
    pixels = np.empty((image.height, image.width, 3), np.uint8)
    for rows, strip in _strips(image):
        canvas = Pillow.new("RGBA", strip.size, (0, 0, 0, 255) if dark else (255, 255, 255, 255))
        canvas.alpha_composite(strip.convert("RGBA"))
        pixels[rows] = np.asarray(canvas.convert("RGB"))
    return np.ascontiguousarray(pixels[:, :, 0]) if _is_grey(pixels) else pixels
