"""Which files a person means: the files themselves, and what a folder holds, with the label each would have."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from identity.core.errors import NotFoundError
from identity.core.shown import bytes_of_name, shown_name
from identity.core.types import SourceImage
from identity.imaging.formats import extensions
from identity.imaging.idx import is_idx_images


@dataclass(frozen=True, slots=True)
class ImageFile:
    """A file to be read: the path as it was given, the file, and its label; or why its folder cannot be searched."""

    source: str
    path: Path
    label: str | None
    error: str | None = None

    def failed(self, error: str) -> SourceImage:
        """The image that could not be read, and why."""
        return SourceImage(
            self.source, shown_name(self.path), None, self.label, error=error, path_bytes=bytes_of_name(self.path)
        )


def image_files(paths: Sequence[Path]) -> list[ImageFile]:
    """Every image file of files and folders (recursive, sorted; links to folders are not followed).

    Raises `NotFoundError` for a path that is not there, and for a folder without any image.
    """
    return [entry for path in paths for entry in _files_of(path)]


def _files_of(path: Path) -> list[ImageFile]:
    source = shown_name(path)
    if path.is_file():
        return [ImageFile(source, path, None)]
    if not path.is_dir():
        what = "is a pipe or a device, not" if path.exists() else "there is no"
        said = f"'{source}' {what} a file or folder" if path.exists() else f"{what} file or folder '{source}'"
        raise NotFoundError(f"{said}: check the path")
    unreadable: list[ImageFile] = []
    found = [
        ImageFile(source, file, None if file.parent == path else shown_name(file.parent.name))
        for file in sorted(_walk(path, source, unreadable))
        if _is_image_name(file.relative_to(path)) and file.is_file()
    ]
    if not found and not unreadable:
        raise NotFoundError(f"folder '{source}' holds no image: check the path, or name the files themselves")
    return found + unreadable


def _walk(folder: Path, source: str, unreadable: list[ImageFile]) -> Iterator[Path]:
    """Every file below a folder; `unreadable` is told of the folders that cannot be searched."""

    def tell(error: OSError) -> None:
        inside = Path(error.filename)
        said = f"folder {shown_name(inside)} cannot be searched ({error.strerror}): check its permissions"
        unreadable.append(ImageFile(source, inside, None, said))

    for inside, folders, files in os.walk(folder, onerror=tell):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(inside, name) for name in files)


def _is_image_name(path: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.parts)
    return not hidden and (path.suffix.lower() in extensions() or is_idx_images(path))
