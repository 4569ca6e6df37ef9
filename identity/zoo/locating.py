"""Where a published file is fetched from: its own address, or a mirror, which is a folder or another address."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from identity.core.errors import NotFoundError, UsageError
from identity.zoo.fetch import is_address


@dataclass(frozen=True, slots=True)
class Supply:
    """What a person says of where files may come from: a mirror, and whether the network may be used."""

    mirror: str | None = None
    offline: bool = False

    @property
    def folder(self) -> Path | None:
        """The mirror, where it is a folder."""
        return None if self.mirror is None or is_address(self.mirror) else Path(self.mirror)

    def has(self, file: str) -> bool:
        """Whether the mirror is a folder that has this file."""
        return self.folder is not None and in_folder(self.folder, file) is not None

    def place_of(self, published: str) -> str:
        """Path or address of a published file. Raises `NotFoundError`, `UsageError` where there is none."""
        file = published.rpartition("/")[2]
        if self.folder is not None:
            found = in_folder(self.folder, file)
            if found is None:
                raise NotFoundError(
                    f"the mirror {self.mirror} has no file {file}: copy it there, or use another mirror"
                )
            return str(found)
        if self.offline:
            raise UsageError(
                f"offline, {file} cannot be downloaded: put it into a folder and set IDENTITY_MODELS_MIRROR to it, "
                "or run 'identity models add FILE'"
            )
        if self.mirror is not None:
            return f"{self.mirror.rstrip('/')}/{file}"
        if not is_address(published):
            raise UsageError(
                f"{file} is not published anywhere: run 'identity models add FILE', or use a mirror that has it"
            )
        return published


def in_folder(folder: Path, file: str) -> Path | None:
    """A file of this name in a folder or below it."""
    direct = folder / file
    return direct if direct.is_file() else next(iter(sorted(folder.rglob(file))), None)
