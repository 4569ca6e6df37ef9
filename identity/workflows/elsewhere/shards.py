"""A few files that one worker reads: by their paths, or from their bytes where it does not see the files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from identity.core.limits import Limits
from identity.core.shown import shown_name
from identity.core.types import Box, Image, SourceImage
from identity.imaging.folders import ImageFile
from identity.imaging.originals import FileDetail
from identity.imaging.sources import read_file


@dataclass(frozen=True, slots=True)
class Shard:
    """Files by absolute paths; `contents` are their bytes, nothing where the worker sees the files."""

    files: tuple[ImageFile, ...]
    limits: Limits
    contents: tuple[bytes, ...] = ()

    def only(self, row: int) -> Shard:
        """One of the files."""
        return replace(self, files=self.files[row : row + 1], contents=self.contents[row : row + 1])


@dataclass(frozen=True, slots=True)
class ReadFacts:
    """What a worker read, without pixels; `unseen` are the rows of which there is no file on its machine."""

    images: tuple[SourceImage, ...]
    unseen: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SentDetail:
    """The full photograph, of which the bytes are here."""

    name: str
    content_bytes: bytes
    limits: Limits

    def parts(self, boxes: Sequence[Box]) -> list[Image] | None:
        """These parts, every pixel of them; None where it cannot be read."""
        with _as_file(self.name, self.content_bytes) as path:
            return FileDetail(path, self.limits).parts(boxes)

    def content(self) -> bytes | None:
        """sha256 of shape and all decoded pixels; None where it cannot be read."""
        with _as_file(self.name, self.content_bytes) as path:
            return FileDetail(path, self.limits).content()


def read_shard(shard: Shard) -> list[SourceImage]:
    """On a worker: every image, decoded."""
    if not shard.contents:
        return [read_file(file, shard.limits) for file in shard.files]
    return [_read_sent(file, sent, shard.limits) for file, sent in zip(shard.files, shard.contents, strict=True)]


def facts_of(read: Sequence[SourceImage]) -> ReadFacts:
    """On the worker that read them: what is to be known of them here."""
    unseen = tuple(row for row, image in enumerate(read) if image.error and not _file(image).exists())
    return ReadFacts(tuple(replace(image, pixels=None, detail=None) for image in read), unseen)


def _file(image: SourceImage) -> Path:
    return Path(os.fsdecode(image.path_bytes or image.path))


def _read_sent(file: ImageFile, sent: bytes, limits: Limits) -> SourceImage:
    with _as_file(file.path.name, sent) as path:
        image = read_file(replace(file, path=path), limits)
        error = image.error and image.error.replace(shown_name(path), shown_name(file.path))
    detail = SentDetail(file.path.name, sent, limits) if image.detail is not None else None
    return replace(image, error=error, detail=detail)


@contextmanager
def _as_file(name: str, content: bytes) -> Iterator[Path]:
    with TemporaryDirectory(prefix="identity-sent-") as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        yield path
