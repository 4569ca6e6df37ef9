"""Labels of single faces: the names that photographs' files and `.xmp` files beside them give to regions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from identity.core.types import SourceImage
from identity.workflows.region_names import Refused, names_of
from identity.xmp.areas import Area


@dataclass(frozen=True, slots=True)
class RegionNames:
    """The named regions of some photographs by content, and the files that could not be read, with the reasons."""

    found: Mapping[bytes, Sequence[tuple[str, Area | None]]] = field(default_factory=dict)
    failed: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class RegionLabels:
    """Gives no photograph a label; its faces have their own. `refused`: what somebody said a sample is not called."""

    refused: Refused

    def __call__(self, image: SourceImage) -> SourceImage:
        """The image without a label."""
        return replace(image, label=None)

    def read(self, images: Iterable[SourceImage]) -> RegionNames:
        """What the files of these images say, and those beside them."""
        found: dict[bytes, list[tuple[str, Area | None]]] = {}
        failed: list[tuple[str, str]] = []
        for image in images:
            said = names_of(image)
            failed += said.failed
            if said.regions:
                found.setdefault(image.content, []).extend(said.regions)
        return RegionNames(found, failed)
