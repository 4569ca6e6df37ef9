"""Uploaded images on their way to the gallery: as files that only this user can read, gone when they are answered."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from fastapi import File, UploadFile

from identity import IdentityError, SourceImage
from identity.documents.text import shown_name

MOST_NAME = 200
Uploads = Annotated[list[UploadFile], File(description="Images.", min_length=1, max_length=1000)]
Upload = Annotated[UploadFile, File(description="An image.")]


@contextmanager
def kept(uploads: Sequence[UploadFile]) -> Iterator[list[Path]]:
    """The uploads as files, in order, until the block ends."""
    with tempfile.TemporaryDirectory(prefix="identity-upload-") as folder:
        yield [write(one, Path(folder) / f"{place:04}.image") for place, one in enumerate(uploads)]


def write(upload: UploadFile, path: Path) -> Path:
    """Write an upload to a new file."""
    with path.open("xb") as written:
        upload.file.seek(0)
        shutil.copyfileobj(upload.file, written)
    return path


def named(image: SourceImage, upload: UploadFile) -> SourceImage:
    """The image by the name that its sender knows, instead of that of the file it lay in meanwhile."""
    name = name_of(upload)
    error = None if image.error is None else image.error.replace(image.path, name)
    return replace(image, source=name, path=name, path_bytes=None, error=error)


@contextmanager
def shown_names(files: Sequence[Path], uploads: Sequence[UploadFile]) -> Iterator[None]:
    """Let errors of the block speak of the names that the sender knows."""
    try:
        yield
    except IdentityError as error:
        said = str(error)
        for file, upload in zip(files, uploads, strict=True):
            said = said.replace(str(file), name_of(upload))
        raise type(error)(said) from error


def name_of(upload: UploadFile) -> str:
    """What the sender calls the file, without folders; only shown, never opened."""
    given = (upload.filename or "").replace("\\", "/").rpartition("/")[2]
    return shown_name(given)[:MOST_NAME] or "image"
