"""Where things lie, what the environment says of it, which no other module reads, and what was chosen for a home."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from identity.core.durable import make_folder, replace_durably
from identity.core.errors import UsageError
from identity.core.limits import USUAL, Limits

MOST_S = 86_400
CONFIG = "config.json"  # in the home
DEFAULT_GALLERY = "digits"
_MOST_BYTES = 1 << 16
_SIZE = re.compile(r"(?P<none>none)|(?P<number>[0-9]{1,15}) ?(?P<unit>[KMGT]?)B?", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Settings:
    """Home folder, database address and where models may come from."""

    home: Path
    database: str
    mirror: str | None = None  # folder or address that models are taken from instead of their own
    offline: bool = False
    limits: Limits = USUAL
    snapshot_limit: int | None = None  # bytes of vectors in one index file; None: any
    search_on: str | None = None  # workers that hold the galleries' vectors; None: this machine searches

    @property
    def shown_database(self) -> str:
        """The address as people may read it: neither password nor options, which may hold one."""
        scheme, _, place = self.database.partition("://")
        if scheme == "sqlite":
            return self.database
        login, at, host = place.partition("?")[0].rpartition("@")
        return f"{scheme}://{login.partition(':')[0]}{at}{host}"

    @property
    def for_a_child(self) -> dict[str, str | None]:
        """What a process that works for this one is told: workers that this one started are not started again."""
        limit = "none" if self.snapshot_limit is None else str(self.snapshot_limit)
        ours = self.search_on is not None and self.search_on.startswith("dask://local")
        on = "none" if ours or self.search_on is None else self.search_on
        return {"database": self.database, "snapshot_limit": "0" if ours else limit, "search_on": on}

    @property
    def snapshots(self) -> Path:
        """Folder of the index files, all of which can be rebuilt."""
        return self.home / "indexes"

    @property
    def models(self) -> Path:
        """Folder of installed models."""
        return self.home / "models"


def from_environment(
    *,
    home: str | Path | None = None,
    database: str | None = None,
    snapshot_limit: str | None = None,
    search_on: str | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Settings:
    """Settings from explicit values first, then IDENTITY_* variables, then the platform's data folder."""
    given = home or environ.get("IDENTITY_HOME") or _platform_folder()
    folder = Path(given).expanduser().absolute()
    url = database or environ.get("IDENTITY_DATABASE_URL") or f"sqlite:///{folder / 'identity.db'}"
    mirror, offline = environ.get("IDENTITY_MODELS_MIRROR") or None, environ.get("IDENTITY_OFFLINE") == "1"
    limit = snapshot_limit or environ.get("IDENTITY_SNAPSHOT_LIMIT") or _usual_snapshot_limit(url)
    on = search_on or environ.get("IDENTITY_SEARCH_ON") or "none"
    return Settings(
        folder, url, mirror, offline, limits_from(environ), bytes_from(limit), None if on == "none" else on
    )


def _usual_snapshot_limit(url: str) -> str:
    """What SQLite keeps is searched fastest out of a file; what a server keeps may be more than this machine takes."""
    return "none" if url.startswith("sqlite") else "4GB"


def bytes_from(given: str) -> int | None:
    """A size as people write it: 500MB, 4GB, bytes, or none. Raises `UsageError` for what is no size."""
    found = _SIZE.fullmatch(given.strip())
    if found is None:
        raise UsageError(f"a snapshot limit is a size as 500MB or 4GB, or 'none', not {given[:40]!r}: correct it")
    return None if found["none"] else int(found["number"]) * 1000 ** " KMGT".index(found["unit"].upper() or " ")


def limits_from(environ: Mapping[str, str]) -> Limits:
    """Bounds of one file. Raises `UsageError` for a value that is no number above 0."""
    return Limits(
        pixels=_whole_number(environ, "IDENTITY_MAX_PIXELS", USUAL.pixels),
        file_bytes=_whole_number(environ, "IDENTITY_MAX_FILE_BYTES", USUAL.file_bytes),
        upload_bytes=_whole_number(environ, "IDENTITY_MAX_UPLOAD_BYTES", USUAL.upload_bytes),
        time_per_file_s=_number(environ, "IDENTITY_TIME_PER_FILE_S", USUAL.time_per_file_s),
    )


def _whole_number(environ: Mapping[str, str], name: str, usual: int) -> int:
    given = environ.get(name) or str(usual)
    if not (given.isascii() and given.isdecimal() and len(given) < 16 and int(given)):
        raise UsageError(f"{name} must be a whole number above 0, not {given[:40]!r}: correct it, or unset it")
    return int(given)


def _number(environ: Mapping[str, str], name: str, usual: float) -> float:
    given = environ.get(name) or str(usual)
    try:
        number = float(given)
    except ValueError:
        number = 0
    if not 0 < number <= MOST_S:
        raise UsageError(f"{name} must be a number above 0, at most {MOST_S}, not {given[:40]!r}: correct it")
    return number


def _platform_folder() -> Path:
    from platformdirs import user_data_path

    return user_data_path("identity", appauthor=False)


def chosen_gallery(home: Path) -> str | None:
    """The gallery that was chosen as this home's default. Raises `UsageError` where its file is damaged."""
    file = home / CONFIG
    try:
        with file.open("rb") as opened:
            name = json.loads(opened.read(_MOST_BYTES)).get("default_gallery")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, RecursionError, AttributeError) as error:
        raise UsageError(f"{file} cannot be read ({type(error).__name__}): correct it, or delete it") from error
    if name is not None and not isinstance(name, str):
        raise UsageError(f"'default_gallery' in {file} must be a name: correct it, or delete the file")
    return name


def choose_gallery(home: Path, name: str | None) -> None:
    """Make a gallery this home's default, or, with None, nobody's choice; written whole or not at all."""
    file = home / CONFIG
    temporary = file.with_name(f".{CONFIG}.{os.getpid()}")
    make_folder(home)
    try:
        if name is None:
            file.unlink(missing_ok=True)
            return
        temporary.touch(mode=0o600)
        temporary.write_text(json.dumps({"default_gallery": name}, ensure_ascii=False) + "\n", encoding="utf-8")
        replace_durably(temporary, file)
    except OSError as error:
        raise UsageError(f"{file} cannot be written ({error.strerror}): check permissions and free space") from error
    finally:
        temporary.unlink(missing_ok=True)
