"""Decodes one image file into upright grey or RGB pixels, or says in one line why it cannot be."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageOps, UnidentifiedImageError

from identity.core.errors import UnreadableImageError
from identity.core.types import Image

MAX_PIXELS = 178_956_970  # a third of a gigabyte as RGB: twice Pillow's own limit for a warning
WIDE_MODES = ("I", "I;16", "I;16B", "I;16L", "I;16N", "F")
TRANSPARENT_MODES = ("LA", "La", "PA", "RGBA", "RGBa")


def read_image(path: Path, *, max_pixels: int = MAX_PIXELS) -> Image:
    """The pixels of a file's first frame, upright: (h, w) where it is grey, else (h, w, 3) RGB, uint8.

    Raises `UnreadableImageError` for anything that is not a whole image, and for one of more than `max_pixels`.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what matters is checked here; the rest is for Pillow's developers
            with Pillow.open(path) as opened:
                _require_size(path, opened.size, max_pixels)
                opened.load()
                return pixels_of(turn_upright(opened))
    except UnidentifiedImageError as error:
        raise UnreadableImageError(f"{path} is not an image that can be read: check its format") from error
    except Pillow.DecompressionBombError as error:
        raise UnreadableImageError(f"{path} is too large to be decoded safely: scale it down first") from error
    except (OSError, SyntaxError, ValueError, EOFError, MemoryError) as error:
        raise UnreadableImageError(f"{path} is truncated or damaged ({error}): copy it again") from error


def _require_size(path: Path, size: tuple[int, int], max_pixels: int) -> None:
    if size[0] * size[1] > max_pixels:
        raise UnreadableImageError(
            f"{path} has {size[0]}x{size[1]} pixels, but at most {max_pixels:,} are decoded: scale it down first"
        )


def turn_upright(image: Pillow.Image) -> Pillow.Image:
    """The image turned as its EXIF orientation says; without one, the image itself."""
    return ImageOps.exif_transpose(image)


def pixels_of(image: Pillow.Image) -> Image:
    """Any Pillow image as grey (h, w) or RGB (h, w, 3) uint8."""
    if image.mode in WIDE_MODES:
        return _to_8_bits(np.asarray(image))
    if image.mode in TRANSPARENT_MODES or "transparency" in image.info:
        return _on_background(image.convert("RGBA"))
    if image.mode in ("1", "L"):
        return np.asarray(image.convert("L"))
    pixels = np.asarray(image.convert("RGB"))
    return pixels[:, :, 0] if image.mode == "P" and _is_grey(pixels) else pixels


def _is_grey(pixels: Image) -> bool:
    return bool((pixels[:, :, 0] == pixels[:, :, 1]).all() and (pixels[:, :, 0] == pixels[:, :, 2]).all())


def _to_8_bits(wide: NDArray[np.generic]) -> Image:
    """16 and 32 bit grey to 8: by the full range of 16 bits, or by what the file uses where that is another."""
    values = wide.astype(np.float64)
    low, high = float(values.min(initial=0)), float(values.max(initial=0))
    if low >= 0 and high <= 255 and wide.dtype != np.uint16:
        return np.round(values).astype(np.uint8)
    if low >= 0 and high <= 65535:
        return np.round(values / 257).astype(np.uint8)
    return np.round((values - low) / max(high - low, 1e-12) * 255).astype(np.uint8)


def _on_background(image: Pillow.Image) -> Image:
    """Transparent parts as white, or as black where what is drawn is itself light."""
    alpha = np.asarray(image.getchannel("A"))
    luminance = np.asarray(image.convert("L"))
    weight = float(alpha.sum())
    light = weight > 0 and float((luminance * (alpha / 255.0)).sum()) / (weight / 255.0) > 127
    opaque = bool((alpha == 255).all())
    canvas = Pillow.new("RGBA", image.size, (0, 0, 0, 255) if light and not opaque else (255, 255, 255, 255))
    canvas.alpha_composite(image)
    pixels = np.asarray(canvas.convert("RGB"))
    return np.ascontiguousarray(pixels[:, :, 0]) if _is_grey(pixels) else pixels
