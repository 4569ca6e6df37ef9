"""The small picture of a sample that the store keeps for people to look at."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from PIL import Image as Pillow

from identity.core.types import Image

LARGEST_SIDE_PX = 160
JPEG_QUALITY = 85


def encode(crop: Image) -> bytes:
    """A crop (h, w) or (h, w, 3) as PNG where it is grey, as JPEG in colour, at most 160 pixels a side."""
    picture = Pillow.fromarray(crop)
    picture.thumbnail((LARGEST_SIDE_PX, LARGEST_SIDE_PX))
    encoded = BytesIO()
    if crop.ndim == 2:
        picture.save(encoded, "PNG", compress_level=1)
    else:
        picture.save(encoded, "JPEG", quality=JPEG_QUALITY)
    return encoded.getvalue()


def decode(encoded: bytes) -> Image:
    """The picture again."""
    return np.asarray(Pillow.open(BytesIO(encoded)))
