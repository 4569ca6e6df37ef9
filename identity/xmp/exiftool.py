"""Phil Harvey's exiftool, where it is installed: it puts a packet into formats whose bytes are not ours to lay out."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

PROGRAM = "exiftool"
TIMEOUT_S = 60


def is_installed() -> bool:
    """Whether it can be called."""
    return shutil.which(PROGRAM) is not None


def copy_with_packet(source: Path, packet: Path, target: Path) -> None:
    """Write a copy of a picture with the packet that a file holds; the picture itself stays. Raises `ValueError`."""
    program = shutil.which(PROGRAM)
    if program is None:
        raise ValueError("exiftool is not installed")
    words = [program, "-q", "-q", "-o", _literal(target), f"-XMP<={_literal(packet)}", str(source.absolute())]
    try:
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT_S, check=False)
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise ValueError(f"exiftool cannot be run: {error}") from error
    if done.returncode or not target.is_file():
        said = " ".join(done.stderr.decode(errors="replace").split())
        raise ValueError(f"exiftool refused it: {said[:200] or 'no reason given'}")


def _literal(path: Path) -> str:
    """A path in which exiftool takes no percent sign for a place to fill in."""
    return str(path.absolute()).replace("%", "%%")
