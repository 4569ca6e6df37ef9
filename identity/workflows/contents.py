"""By which content a gallery knows an image: earlier versions knew large photographs by all their pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from identity.core.detail import CLOSEST_LOOK_PX, known_by_compressed
from identity.core.ports import GalleryStore
from identity.core.types import SourceImage

LARGE_PIXELS = CLOSEST_LOOK_PX**2  # none that is reduced has fewer


@dataclass
class StoredContents:
    """The gallery as it was when the work began: what is enrolled from then on is known as it is known now."""

    store: GalleryStore

    def of(self, images: Sequence[SourceImage]) -> list[SourceImage]:
        """The images, each with the content that the gallery knows it by; only large ones may need to be read again."""
        if not any(known_by_compressed(one.content) for one in images):
            return list(images)
        known = self.store.known_contents([one.content for one in images if known_by_compressed(one.content)])
        return [one if one.content in known else self._as_stored(one) for one in images]

    def _as_stored(self, image: SourceImage) -> SourceImage:
        if image.detail is None or not known_by_compressed(image.content):
            return image
        if (image.width, image.height) not in self._known_by_pixels:
            return image
        content = image.detail.content()
        known = content is not None and content in self.store.known_contents([content])
        return replace(image, content=content) if known and content is not None else image

    @cached_property
    def _known_by_pixels(self) -> set[tuple[int, int]]:
        return self.store.sizes_known_by_pixels(above=LARGE_PIXELS)
