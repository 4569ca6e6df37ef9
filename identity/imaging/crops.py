"""The small picture of a sample that the store keeps for people to look at."""

from __future__ import annotations

import zlib
from io import BytesIO
from struct import pack

import numpy as np
from PIL import Image as Pillow

from identity.core.types import Image

LARGEST_SIDE_PX = 160
JPEG_QUALITY = 85
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def encode(crop: Image) -> bytes:
    """A crop (h, w) or (h, w, 3) as PNG where it is grey, as JPEG in colour, at most 160 pixels a side."""
    if crop.ndim == 2 and max(crop.shape) <= LARGEST_SIDE_PX:
        return _png(crop)
    picture = Pillow.fromarray(crop)
    picture.thumbnail((LARGEST_SIDE_PX, LARGEST_SIDE_PX))
    if crop.ndim == 2:
        return _png(np.asarray(picture))
    encoded = BytesIO()
    picture.save(encoded, "JPEG", quality=JPEG_QUALITY)
    return encoded.getvalue()


def _png(grey: Image) -> bytes:
    """An 8 bit grey PNG (W3C PNG 3rd edition), written here: Pillow takes three times as long for a small one."""
    height, width = grey.shape
    lines = np.zeros((height, width + 1), np.uint8)  # each row after a byte that says "not filtered"
    lines[:, 1:] = grey
    header = pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines.data, 1)), (b"IEND", b""))
    return PNG_SIGNATURE + b"".join(
        pack(">I", len(content)) + kind + content + pack(">I", zlib.crc32(kind + content)) for kind, content in chunks
    )


def decode(encoded: bytes) -> Image:
    """The picture again."""
    return np.asarray(Pillow.open(BytesIO(encoded)))
