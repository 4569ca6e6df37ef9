"""What a picture's file says beside its pixels: the size it is stored in, its orientation, and its XMP."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PIL import Image as Pillow

from identity.core.shown import shown_name
from identity.imaging.formats import ORIENTATION, TURNS, open_picture
from identity.imaging.refusals import refusal

SIDEWAYS = (5, 6, 7, 8)


@dataclass(frozen=True, slots=True)
class PictureMetadata:
    """The size is that of the picture as it is stored; `orientation` is what EXIF says must be done to it, 1 to 8."""

    width: int
    height: int
    orientation: int
    xmp: bytes | None
    format: str  # as Pillow calls it


def read_metadata(file: Path) -> PictureMetadata:
    """Read the header of a picture that was decoded before. Raises `UnreadableImageError`."""
    try:
        with file.open("rb") as opened, open_picture(opened) as picture:
            return _metadata(picture)
    except Exception as error:  # Pillow raises whatever its many readers stumble over
        raise refusal(shown_name(file), error) from error


def _metadata(picture: Pillow.Image) -> PictureMetadata:
    found = picture.getexif().get(ORIENTATION, 1)
    orientation = found if found in TURNS else 1
    width, height = picture.size
    if picture.format == "TIFF" and orientation in SIDEWAYS:  # whose size Pillow turns before the pixels are read
        width, height = height, width
    if picture.format == "PNG" and "xmp" not in picture.info:  # which may stand behind the pixels
        picture.load()
    xmp = picture.info.get("xmp")
    packet = xmp.encode() if isinstance(xmp, str) else xmp
    return PictureMetadata(width, height, orientation, packet or None, picture.format or "")
