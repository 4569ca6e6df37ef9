"""Where things lie and what the environment says of it: the only module that reads the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """Home folder, database address and where models may come from."""

    home: Path
    database: str
    mirror: str | None = None  # folder or address that models are taken from instead of their own
    offline: bool = False

    @property
    def snapshots(self) -> Path:
        """Folder of the index files, all of which can be rebuilt."""
        return self.home / "indexes"

    @property
    def models(self) -> Path:
        """Folder of installed models."""
        return self.home / "models"


def from_environment(
    *, home: Path | None = None, database: str | None = None, environ: Mapping[str, str] = os.environ
) -> Settings:
    """Settings from explicit values first, then IDENTITY_* variables, then the platform's data folder."""
    given = home or (Path(environ["IDENTITY_HOME"]) if environ.get("IDENTITY_HOME") else None)
    folder = (given or _platform_folder()).expanduser().absolute()
    url = database or environ.get("IDENTITY_DATABASE_URL") or f"sqlite:///{folder / 'identity.db'}"
    return Settings(folder, url, environ.get("IDENTITY_MODELS_MIRROR") or None, environ.get("IDENTITY_OFFLINE") == "1")


def _platform_folder() -> Path:
    from platformdirs import user_data_path

    return user_data_path("identity", appauthor=False)
