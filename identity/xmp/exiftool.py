"""Phil Harvey's exiftool, where it is installed: it puts a packet into formats whose bytes are not ours to lay out."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from subprocess import DEVNULL
from tempfile import TemporaryDirectory

PROGRAM = "exiftool"
TIMEOUT_S = 60


def is_installed() -> bool:
    """Whether it can be called."""
    return shutil.which(PROGRAM) is not None


def copy_with_packet(source: Path, packet: bytes, target: Path) -> None:
    """Write a copy of a picture with this packet; the picture itself stays. Raises `ValueError`.

    It works in a folder of its own: in the names of files to be written it takes a percent sign for a place to fill in.
    """
    program = shutil.which(PROGRAM)
    if program is None:
        raise ValueError("exiftool is not installed")
    words = [program, "-q", "-q", "-o", "copy", "-XMP<=packet.xmp", str(source.absolute())]
    with TemporaryDirectory() as folder:
        Path(folder, "packet.xmp").write_bytes(packet)
        try:
            done = subprocess.run(words, stdin=DEVNULL, capture_output=True, timeout=TIMEOUT_S, check=False, cwd=folder)
        except (OSError, ValueError, subprocess.TimeoutExpired) as error:
            raise ValueError(f"exiftool cannot be run: {error}") from error
        copy = Path(folder, "copy")
        if done.returncode or not copy.is_file():
            said = " ".join(done.stderr.decode(errors="replace").split())
            raise ValueError(f"exiftool refused it: {said[:200] or 'no reason given'}")
        shutil.copyfile(copy, target)
