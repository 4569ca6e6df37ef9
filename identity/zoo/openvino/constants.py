"""The `.bin` of a network: half-precision numbers, of which each constant is a stretch."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from identity.core.errors import ModelError
from identity.zoo.openvino.parsing import Layer, whole

MOST_BIN_BYTES = 64 << 20
HALF_BYTES = 2


@dataclass(slots=True)
class Constants:
    """Cuts constants out of the file's content, together never more than there is in it."""

    content: bytes
    taken: int = 0

    def __post_init__(self) -> None:
        """Refuse more than any network that is read here has."""
        if len(self.content) > MOST_BIN_BYTES:
            raise ModelError(f"the .bin has more than {MOST_BIN_BYTES:,} bytes: give the published file")

    def read(self, layer: Layer) -> NDArray[np.float32]:
        """A constant as float32, which half precision becomes without loss.

        Raises `ModelError` where the layer asks for numbers that are not there, or none.
        """
        facts = layer.attributes
        shape = numbers(facts["shape"], layer)
        offset, size = (whole(facts[key], f"'{key}' of {layer.title}") for key in ("offset", "size"))
        if shape != layer.shape or size != prod(shape) * HALF_BYTES or not size:
            raise ModelError(f"{layer.title} has {size} bytes for the shape {shape}: give the published file")
        self.taken += size
        if offset + size > len(self.content) or self.taken > len(self.content):
            raise ModelError(
                f"{layer.title} ends at byte {offset + size:,} of a .bin that has {len(self.content):,}, or its bytes "
                "are used twice: give the .bin that belongs to the .xml"
            )
        halves = np.frombuffer(self.content, "<f2", count=prod(shape), offset=offset)
        return halves.astype("<f4").reshape(shape)


def numbers(text: str, layer: Layer) -> tuple[int, ...]:
    """A list as the form writes it: whole numbers and commas."""
    return tuple(whole(one.strip(), f"a number of {layer.title}") for one in text.split(","))
