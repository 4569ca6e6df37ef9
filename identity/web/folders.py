"""Which paths may be enrolled: what lies below the folders that the server was started with, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from identity.web.messages import RefusedError


def allowed(given: str, folders: Sequence[Path]) -> Path:
    """The path without links and dots; one that is not absolute is meant below the first folder that has it.

    Raises `RefusedError` for one that is not below a folder, however it is spelled, and for one that is not there:
    who asks does not learn which.
    """
    for folder in folders:
        try:
            path = (folder / given).resolve(strict=True)
        except (OSError, ValueError, RuntimeError):
            continue
        if path.is_relative_to(folder):
            return path
    raise RefusedError(
        "path", "The path is not allowed", 403,
        cause="this path is not there, or not below a folder that the server was started with",
        cure="start the server with --folder, or upload the images",
    )  # fmt: skip
