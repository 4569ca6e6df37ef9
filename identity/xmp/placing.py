"""Puts packets where programs look for them: beside a photograph or into its file, whole or not at all.

A file that is changed is kept as `NAME_original`, as exiftool calls it, unless somebody wants none; one that is there
from before stays, so that it is the photograph as it was before the first change.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from identity.core import unfinished
from identity.core.durable import replace_durably, require_plain
from identity.xmp import exiftool, jpeg
from identity.xmp.packet import Packet
from identity.xmp.tree import LARGEST_BYTES

SIDECAR = ".xmp"
ORIGINAL = "_original"
BY_OURSELVES = ("JPEG",)
BY_EXIFTOOL = ("MPO", "PNG", "TIFF", "WEBP", "AVIF", "HEIF")  # those whose packet we read as well


def sidecar_of(photograph: Path) -> Path:
    """The file beside a photograph that is written: `a.jpg.xmp`, so that `a.heic` has another."""
    return photograph.with_name(photograph.name + SIDECAR)


def sidecars_of(photograph: Path) -> list[Path]:
    """The files beside a photograph that are read where they are there: `a.jpg.xmp`, and Lightroom's `a.xmp`."""
    return [path for path in (sidecar_of(photograph), photograph.with_suffix(SIDECAR)) if path.is_file()]


def read_sidecar(path: Path) -> Packet:
    """The packet in a file beside a photograph. Raises `OSError`, and `ValueError` where it holds none."""
    with path.open("rb") as file:
        return Packet.read(file.read(LARGEST_BYTES + 1))


def can_embed(format_: str) -> bool:
    """Whether a packet can be put into a file of this format, as Pillow calls it, on this machine."""
    return format_ in BY_OURSELVES or (format_ in BY_EXIFTOOL and exiftool.is_installed())


def write_sidecar(photograph: Path, packet: bytes, *, keep_original: bool) -> None:
    """Write the file beside a photograph. Raises `OSError`, `UsageError` where a link has its name."""
    target = sidecar_of(photograph)
    require_plain(target)
    with _partial(target) as partial:
        partial.write_bytes(packet)
        shutil.copymode(photograph, partial)
        if keep_original and target.exists():
            _keep(target)
        replace_durably(partial, target)


def embed(
    photograph: Path, packet: bytes, format_: str, *, keep_original: bool, is_same: Callable[[Path], bool]
) -> None:
    """Put a packet into a photograph's file, its times kept; `is_same` says whether a copy shows the same picture.

    Raises `OSError`, `ValueError` where it cannot be done; then the file is as it was.
    """
    target = photograph.resolve()
    with _partial(target) as partial:
        _copy_with_packet(target, packet, format_, partial)
        shutil.copystat(target, partial)
        if not is_same(partial):
            raise ValueError("with the names in it the file would not show the same picture")
        if keep_original:
            _keep(target)
        replace_durably(partial, target)


def _copy_with_packet(source: Path, packet: bytes, format_: str, target: Path) -> None:
    if format_ in BY_OURSELVES:
        try:
            target.write_bytes(jpeg.with_packet(source.read_bytes(), packet))
        except ValueError:
            if not exiftool.is_installed():
                raise
        else:
            return
    exiftool.copy_with_packet(source, packet, target)


def _keep(path: Path) -> None:
    """A second name for what is about to be replaced; a copy where the disk has no such thing."""
    kept = path.with_name(path.name + ORIGINAL)
    if kept.exists():
        return
    try:
        os.link(path, kept)
    except OSError:
        with _partial(kept) as partial:
            shutil.copy2(path, partial)
            replace_durably(partial, kept)


@contextmanager
def _partial(target: Path) -> Iterator[Path]:
    """A name for what is not finished yet; nothing of it is left behind."""
    unfinished.sweep(target)
    partial = unfinished.beside(target)
    try:
        yield partial
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
