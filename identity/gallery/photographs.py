"""The photograph that a sample was seen in: all its samples, and its picture where the file still shows the same."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

from PIL import Image as Pillow

from identity.core.errors import NotFoundError
from identity.core.limits import USUAL, Limits
from identity.core.ports import GalleryStore
from identity.core.shown import shown_name
from identity.core.types import SeenImage
from identity.imaging.originals import OriginalFiles

QUALITY = 88


@dataclass(frozen=True, slots=True)
class SeenPhotographs:
    """The photographs behind the samples of a gallery."""

    store: GalleryStore
    limits: Limits = USUAL

    def of(self, sample: int) -> SeenImage:
        """The photograph of a sample, with everybody who was seen in it. Raises `NotFoundError`."""
        image = self.store.photographs([sample]).get(sample)
        found = [] if image is None else self.store.seen_images(after=image - 1, limit=1)
        if not found:
            name = self.store.gallery.name
            raise NotFoundError(f"gallery '{name}' has no sample {sample}: see 'identity samples list'")
        return found[0]

    def jpeg(self, sample: int, *, size_px: int) -> bytes:
        """Its picture, upright, its longest side of at most so many pixels.

        Raises `NotFoundError` where the file is gone or shows something else than what was enrolled.
        """
        seen = self.of(sample)
        image = OriginalFiles(self.limits).image(seen.path, seen.row, seen.content)
        if image is None or image.pixels is None:
            raise NotFoundError(
                f"'{shown_name(str(seen.path))}' is not there any more, or shows something else: "
                "put the photograph back, or look at the crop"
            )
        picture = Pillow.fromarray(image.pixels)
        picture.thumbnail((size_px, size_px))
        written = BytesIO()
        picture.save(written, "JPEG", quality=QUALITY)
        return written.getvalue()
