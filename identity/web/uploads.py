"""Uploaded images on their way to the gallery, by the names that their senders know."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from fastapi import File, UploadFile

from identity.documents.text import shown_name

if TYPE_CHECKING:
    from identity.gallery.uploaded import Sent

MOST_NAME = 200
Uploads = Annotated[list[UploadFile], File(description="Images.", min_length=1, max_length=1000)]
Upload = Annotated[UploadFile, File(description="An image.")]


def sent(uploads: Sequence[UploadFile]) -> list[Sent]:
    """The uploads as a gallery reads them."""
    from identity.gallery.uploaded import Sent

    return [Sent(name_of(one), one.file) for one in uploads]


def write(upload: UploadFile, path: Path) -> None:
    """Write an upload to a new file."""
    with path.open("xb") as written:
        upload.file.seek(0)
        shutil.copyfileobj(upload.file, written)


def name_of(upload: UploadFile) -> str:
    """What the sender calls the file, without folders; only shown, never opened."""
    given = (upload.filename or "").replace("\\", "/").rpartition("/")[2]
    return shown_name(given)[:MOST_NAME] or "image"
