"""Digests of files and the one sentence said when one is not the expected one."""

from __future__ import annotations

import hashlib
from pathlib import Path

from identity.core.errors import ModelError


def sha256_of(path: Path) -> str:
    """Hex sha256 of a file's bytes, read in pieces. Raises `ModelError` where it cannot be read."""
    return digest_of(path, "sha256")


def digest_of(path: Path, algorithm: str) -> str:
    """The same by another algorithm."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, algorithm).hexdigest()
    except OSError as error:
        raise ModelError(f"cannot read {path} ({error.strerror}): check the path and its permissions") from error


def check_file(path: Path, *, sha256: str, size_bytes: int | None, cure: str) -> None:
    """Raises `ModelError`, ending with `cure`, unless the file has this size (where known) and digest."""
    check_digest(path, sha256, "sha256", size_bytes=size_bytes, cure=cure)


def check_digest(path: Path, digest: str, algorithm: str, *, size_bytes: int | None, cure: str) -> None:
    """The same for a file that is published with a digest of another algorithm."""
    if not path.is_file():
        raise ModelError(f"{path} is missing: {cure}")
    found_bytes = path.stat().st_size
    if size_bytes is not None and found_bytes != size_bytes:
        raise ModelError(f"{path} has {found_bytes:,} bytes instead of {size_bytes:,}: {cure}")
    found = digest_of(path, algorithm)
    if found != digest:
        raise ModelError(f"{path} has {algorithm} {found[:12]}... instead of {digest[:12]}...: {cure}")
