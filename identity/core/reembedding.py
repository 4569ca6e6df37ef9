"""Moving a gallery into another space: vectors of both are kept side by side until the new ones are complete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from identity.core.types import Box, GalleryRecord, Vectors


@dataclass(frozen=True, slots=True)
class Destination:
    """The space that a gallery is to have."""

    model: str
    detector: str
    space: str
    dim: int


class Origin(StrEnum):
    """What a new vector is made from."""

    FILE = "file"  # the photograph itself, detected and aligned anew
    CROP = "crop"  # the small picture that the store keeps


@dataclass(frozen=True, slots=True)
class PendingSample:
    """A sample without a new vector: where it was seen, and whether the store has its crop."""

    id: int
    path: str | bytes  # bytes where the name is not UTF-8
    row: int | None
    content: bytes  # sha256 of the image it was seen in
    box: Box
    has_crop: bool


class ReembeddingStore(Protocol):
    """The re-embedding of one gallery. Every writing method is one transaction."""

    def begin(self, destination: Destination) -> None:
        """Begin, or go on where the same destination was begun; vectors for another one are dropped."""
        ...

    def pending(self, *, after: int = 0, limit: int) -> list[PendingSample]:
        """Samples of any role without a new vector, by ascending id above `after`."""
        ...

    def add(self, ids: Sequence[int], vectors: Vectors, origins: Sequence[Origin]) -> None:
        """Keep new vectors (n, dim) beside the old; samples that are gone are left out."""
        ...

    def made(self) -> Mapping[Origin, int]:
        """How many new vectors there are, by what they were made from."""
        ...

    def switch(self) -> GalleryRecord | None:
        """Put the new space in force; None, and nothing done, while a sample has no new vector.

        Names, decisions and clusters stay with their samples. The thresholds go, and the next clustering is a full one.
        """
        ...
