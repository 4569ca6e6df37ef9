"""sha256 of files and the one sentence said when it is not the expected one."""

from __future__ import annotations

import hashlib
from pathlib import Path

from identity.core.errors import ModelError


def sha256_of(path: Path) -> str:
    """Hex sha256 of a file's bytes, read in pieces. Raises `ModelError` where it cannot be read."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"cannot read {path} ({error.strerror}): check the path and its permissions") from error


def check_file(path: Path, *, sha256: str, size_bytes: int | None, cure: str) -> None:
    """Raises `ModelError`, ending with `cure`, unless the file has this size (where known) and digest."""
    if not path.is_file():
        raise ModelError(f"{path} is missing: {cure}")
    found_bytes = path.stat().st_size
    if size_bytes is not None and found_bytes != size_bytes:
        raise ModelError(f"{path} has {found_bytes:,} bytes instead of {size_bytes:,}: {cure}")
    found = sha256_of(path)
    if found != sha256:
        raise ModelError(f"{path} has sha256 {found[:12]}... instead of {sha256[:12]}...: {cure}")
