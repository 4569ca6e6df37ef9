"""The process in which `apart` has pictures decoded: a line of JSON in, a line of JSON and the pixels out."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import IO, Any

import numpy as np
from PIL import Image as Pillow

from identity.core.bounds import bound_process, memory_taken
from identity.core.errors import UnreadableImageError
from identity.core.limits import Limits
from identity.core.shown import shown_name
from identity.core.types import Image
from identity.imaging.formats import open_picture, require_size, upright_pixels
from identity.imaging.refusals import refusal

STRIP_ROWS = 64


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
        pixels = _decode(Path(request["path"]), Limits(request["pixels"]))
    except UnreadableImageError as error:
        out.write(json.dumps({"error": str(error)}).encode() + b"\n")
    else:
        out.write(json.dumps({"shape": pixels.shape}).encode() + b"\n")
        for top in range(0, len(pixels), STRIP_ROWS):
            out.write(np.ascontiguousarray(pixels[top : top + STRIP_ROWS]).data)
    out.flush()
    if hasattr(signal, "alarm"):
        signal.alarm(0)


def _decode(path: Path, limits: Limits) -> Image:
    Pillow.MAX_IMAGE_PIXELS = limits.pixels
    named = shown_name(path)
    try:
        with path.open("rb") as file, open_picture(file) as opened:
            require_size(opened, named, limits)
            return upright_pixels(opened)
    except UnreadableImageError:
        raise
    except Exception as error:  # Pillow raises whatever its many readers stumble over
        raise refusal(named, error) from error
