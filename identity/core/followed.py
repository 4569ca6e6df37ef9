"""Files whose images a gallery follows: what they were when they were read, and where images lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class FileFacts:
    """How a file can be known to be unchanged without being read."""

    size: int  # bytes
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class FollowedFile:
    """A file as it was read, and the image that it showed."""

    facts: FileFacts
    content: bytes
    width: int
    height: int
    has_samples: bool


class FollowedFiles(Protocol):
    """The files of one gallery's images, by absolute path as the system writes it."""

    def files_below(self, folder: bytes) -> Mapping[bytes, FollowedFile]:
        """What was read in a folder."""
        ...

    def images_below(self, folder: bytes) -> Mapping[int, bytes]:
        """Where images lie that were seen in a folder, by their id."""
        ...

    def put(self, files: Mapping[bytes, tuple[FileFacts, bytes]]) -> None:
        """Remember files, with the contents of the images that they show."""
        ...

    def remove_images(self, ids: Sequence[int]) -> int:
        """Delete images with all their samples, to be erased; how many samples there were."""
        ...
