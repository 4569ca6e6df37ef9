"""Which picture formats are read, and how a file of them is opened and decoded.

Pillow knows some forty; here are those that photographs and scans come in. What reads the others is rarely used and
rarely tested, so that a file made to do harm would find it first.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import IO

from PIL import Image as Pillow
from PIL import UnidentifiedImageError

from identity.core.errors import UnreadableImageError
from identity.core.limits import Limits
from identity.core.types import Image
from identity.imaging.pixels import pixels_of

COMMON = ("JPEG", "PNG", "GIF", "BMP", "PPM")  # Pillow has them at once, the others it loads
OTHERS = ("WEBP", "TIFF", "AVIF", "HEIF", "JPEG2000", "MPO", "ICO", "DIB", "TGA")  # HEIF where a plugin reads it
PHOTOGRAPHS = ("JPEG", "MPO")
AT_ONCE_BYTES = 1 << 20
AT_ONCE_PIXELS = 4_000_000
PHOTOGRAPH_BYTES = 16 << 20
PHOTOGRAPH_PIXELS = 27_000_000  # what cameras of 24 and 26 megapixels write
MOST_SCANS, MOST_SEGMENTS, MOST_EXIF = 16, 4096, 2  # of a JPEG; a progressive one of a camera has 10 and 40 and 2
EXIF_BYTES = 64 << 10
HEIF = re.compile(rb"....ftyp(heic|heix|heim|heis|hevc|hevx|mif1|msf1)", re.DOTALL)
ORIENTATION = 0x0112  # of EXIF: what must be done to see the picture upright
TURNS: dict[int, Callable[[Image], Image]] = {
    2: lambda pixels: pixels[:, ::-1],
    3: lambda pixels: pixels[::-1, ::-1],
    4: lambda pixels: pixels[::-1],
    5: lambda pixels: pixels.swapaxes(0, 1),
    6: lambda pixels: pixels.swapaxes(0, 1)[:, ::-1],
    7: lambda pixels: pixels.swapaxes(0, 1)[::-1, ::-1],
    8: lambda pixels: pixels.swapaxes(0, 1)[::-1],
}

warnings.filterwarnings("ignore", module=r"PIL\.|identity\.imaging")  # meant for those who work on Pillow


class HeifUnreadError(UnidentifiedImageError):
    """A picture in HEIF that nothing here reads, whatever its name says."""


def open_picture(file: IO[bytes]) -> Pillow.Image:
    """The picture in a file, its header read. Raises what Pillow raises, which may be anything."""
    try:
        return Pillow.open(file, formats=COMMON)
    except UnidentifiedImageError:
        file.seek(0)
    try:
        return Pillow.open(file, formats=_others())
    except UnidentifiedImageError as error:
        file.seek(0)
        if HEIF.match(file.read(12)) and "HEIF" not in _others():
            raise HeifUnreadError from error
        raise


@cache
def _others() -> tuple[str, ...]:
    Pillow.init()
    with suppress(ImportError):  # the extra 'heic'
        from pillow_heif import register_heif_opener

        register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
    return tuple(name for name in OTHERS if name in Pillow.OPEN)


@cache
def extensions() -> frozenset[str]:
    """Endings of file names that stand for a format that is read."""
    read = {*COMMON, *_others(), "MPO"}
    return frozenset(ending for ending, name in Pillow.registered_extensions().items() if name in read)


def upright_pixels(image: Pillow.Image) -> Image:
    """Decode an opened picture: its first frame, turned as its EXIF says, as grey (h, w) or RGB (h, w, 3)."""
    image.load()
    pixels = pixels_of(image)
    turn = TURNS.get(image.getexif().get(ORIENTATION, 1))
    return pixels if turn is None else turn(pixels)


def require_size(image: Pillow.Image, named: str, limits: Limits) -> None:
    """Raise `UnreadableImageError` for a picture of more pixels than are decoded."""
    width, height = image.size
    if width * height > limits.pixels:
        raise UnreadableImageError(
            f"{named} has {width}x{height} pixels, but at most {limits.pixels:,} are decoded: "
            "scale it down first, or raise IDENTITY_MAX_PIXELS"
        )


def may_be_quick(content: bytes) -> bool:
    """Whether a file's header may be read where we are: small, or a JPEG whose parts are as many as a camera writes."""
    if not content.startswith(b"\xff\xd8"):
        return len(content) <= AT_ONCE_BYTES
    segments = content.count(b"\xff") - content.count(b"\xff\x00") - len(re.findall(rb"\xff[\xd0-\xd7]", content))
    return (
        len(content) <= PHOTOGRAPH_BYTES
        and segments <= MOST_SEGMENTS
        and content.count(b"\xff\xda") <= MOST_SCANS
        and content.count(b"Exif\0\0") <= MOST_EXIF
    )


def is_quick(image: Pillow.Image) -> bool:
    """Whether an opened picture can be decoded where we are: nothing in it can take long, or much memory."""
    if image.format not in (*COMMON, "MPO", "WEBP") or "Raw profile type exif" in image.info:
        return False
    photograph = image.format in PHOTOGRAPHS
    pixels = image.size[0] * image.size[1]
    exif_bytes = 0 if photograph else len(image.info.get("exif", b""))
    return exif_bytes <= EXIF_BYTES and pixels <= (PHOTOGRAPH_PIXELS if photograph else AT_ONCE_PIXELS)
