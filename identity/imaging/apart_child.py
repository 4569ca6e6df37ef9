"""The process in which `apart` has pictures decoded: a line of JSON in, a line of JSON and the pixels out."""

from __future__ import annotations

import json
import mmap
import os
import signal
import sys
from pathlib import Path
from typing import IO, Any

from PIL import Image as Pillow

from identity.core.bounds import bound_process, memory_taken
from identity.core.errors import UnreadableImageError
from identity.core.limits import Limits
from identity.core.shown import shown_name
from identity.core.types import Box, Image
from identity.imaging.formats import PHOTOGRAPHS, open_picture, require_size
from identity.imaging.pictures import Picture, parts_of, picture_of
from identity.imaging.refusals import refusal


def serve() -> None:
    """Answer until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who asks decides what Ctrl-C means
    answers = os.fdopen(os.dup(1), "wb")  # libraries may print
    os.dup2(2, 1)
    answers.write(b"ready\n")
    answers.flush()
    taken = memory_taken()
    for line in sys.stdin.buffer:
        request = json.loads(line)
        bound_process(memory_bytes=taken + request["bytes"], time_s=request["time_s"])
        _answer(request, answers)


def _answer(request: dict[str, Any], out: IO[bytes]) -> None:
    try:
        header, arrays = _decode(request, Limits(request["pixels"]))
    except UnreadableImageError as error:
        out.write(json.dumps({"error": str(error)}).encode() + b"\n")
    else:
        out.write(json.dumps(header | {"shapes": [array.shape for array in arrays]}).encode() + b"\n")
        for array in arrays:
            out.write(array.data)
    out.flush()
    if hasattr(signal, "alarm"):
        signal.alarm(0)


def _picture(opened: Pillow.Image, file: IO[bytes], *, by_pixels: bool) -> Picture:
    """All of it; only of JPEG what the file holds is looked at, and a mapped file counts as memory."""
    if opened.format not in PHOTOGRAPHS:
        return picture_of(opened, b"", by_pixels=by_pixels)
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return picture_of(opened, content, by_pixels=by_pixels)


def _decode(request: dict[str, Any], limits: Limits) -> tuple[dict[str, Any], list[Image]]:
    """What is asked for of one file: parts of the full photograph, or all of it, reduced where it is large."""
    Pillow.MAX_IMAGE_PIXELS = limits.pixels
    path = Path(request["path"])
    named = shown_name(path)
    try:
        with path.open("rb") as file, open_picture(file) as opened:
            require_size(opened, named, limits)
            if "boxes" in request:
                return {}, parts_of(opened, [Box(*box) for box in request["boxes"]])
            found = _picture(opened, file, by_pixels=request["by_pixels"])
    except UnreadableImageError:
        raise
    except Exception as error:  # Pillow raises whatever its many readers stumble over
        raise refusal(named, error) from error
    facts = {"content": found.content.hex(), "width": found.width, "height": found.height, "reduced": found.reduced}
    return facts, [found.pixels]
