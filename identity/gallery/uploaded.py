"""Images that somebody sent, read from memory; what may take long to decode, or is looked at twice, becomes a file.

Such files only this user can read, and they are gone when the question is answered.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from identity.core.errors import UnreadableImageError
from identity.core.limits import Limits
from identity.core.types import SourceImage
from identity.imaging.formats import PHOTOGRAPH_BYTES
from identity.imaging.reader import picture_in_memory
from identity.imaging.sources import read_sources


@dataclass(frozen=True, slots=True)
class Sent:
    """An upload: the name that its sender gave it, which is only shown, and its bytes."""

    name: str
    file: IO[bytes]


@contextmanager
def reading(uploads: Sequence[Sent], limits: Limits) -> Iterator[Iterator[SourceImage]]:
    """The images, decoded one after the other; the block may look at them until it ends."""
    with ExitStack() as until_read:
        yield _read(uploads, limits, until_read)


def _read(uploads: Sequence[Sent], limits: Limits, until_read: ExitStack) -> Iterator[SourceImage]:
    folder: Path | None = None
    for place, one in enumerate(uploads):
        image = _in_memory(one, limits)
        if image is None:
            if folder is None:
                folder = Path(until_read.enter_context(tempfile.TemporaryDirectory(prefix="identity-upload-")))
            image = _from_file(one, folder / f"{place:04}.image", limits)
        yield image


def _in_memory(one: Sent, limits: Limits) -> SourceImage | None:
    """What an upload shows, or why nothing; None where it has to be a file."""
    one.file.seek(0, os.SEEK_END)
    if one.file.tell() > min(PHOTOGRAPH_BYTES, limits.file_bytes):
        return None
    one.file.seek(0)
    try:
        found = picture_in_memory(one.file.read(), one.name, limits=limits)
    except UnreadableImageError as error:
        return SourceImage(one.name, one.name, error=str(error))
    if found is None:
        return None
    return SourceImage(
        one.name, one.name, pixels=found.pixels, content=found.content, width=found.width, height=found.height
    )


def _from_file(one: Sent, path: Path, limits: Limits) -> SourceImage:
    one.file.seek(0)
    with path.open("xb") as written:
        shutil.copyfileobj(one.file, written)
    (image,) = read_sources([path], limits=limits)
    error = None if image.error is None else image.error.replace(image.path, one.name)
    return replace(image, source=one.name, path=one.name, path_bytes=None, error=error)
