"""Loads and runs a network that nobody has checked, in a process of its own, before it is installed.

What is asked is what a machine can bear, not whether the network is good: time, memory, and one file for all weights.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from identity.core.errors import ModelError
from identity.core.model import InputSpec, ModelManifest
from identity.core.shown import shown_name
from identity.core.trial import Texts, Trial, try_out
from identity.embedders.onnx import open_session
from identity.embedders.onnx_parts import require_one_file
from identity.embedders.runtimes import is_onnx

TIME_S = 60.0
TIMES_FILE, MORE_BYTES = 4, 1 << 30  # memory: so many times the file, and this
ANY_SIDE_PX = 640  # of the picture for a network that takes any size


def require_bearable(path: Path, manifest: ModelManifest) -> None:
    """Raise `ModelError` where the network cannot be loaded and run once within 60 s and its share of memory."""
    if not is_onnx(path):
        return
    most = TIMES_FILE * path.stat().st_size + MORE_BYTES
    trial = Trial("identity.embedders.onnx_probe:load_and_run", TIME_S, most, "give a smaller network")
    named = f"model '{manifest.name}'"
    try:
        try_out(trial, path, {"path": str(path), "named": named, **_texts(manifest.input)})
    except ModelError as error:  # the file lies under a passing name while it is looked at
        raise ModelError(str(error).replace(shown_name(path), named)) from error


def load_and_run(texts: Texts) -> None:
    """What happens in the process: one picture of zeros goes through the network."""
    path = Path(texts["path"])
    require_one_file(path)
    session = open_session(path, threads=1)
    if len(session.get_inputs()) != 1:
        raise ModelError(f"{path} takes {len(session.get_inputs())} inputs instead of one image: give another")
    image = session.get_inputs()[0]
    wanted = [1, *(int(side) for side in texts["sides"].split())]
    declared = image.shape if len(image.shape) == len(wanted) else wanted
    shape = [side if isinstance(side, int) else other for side, other in zip(declared, wanted, strict=True)]
    try:
        session.run(None, {image.name: np.zeros(shape, np.float32)})
    except Exception as error:  # ONNX Runtime errors share no base class
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise ModelError(
            f"{texts['named']} fails on a picture of zeros ({reason}): correct 'input' in its manifest"
        ) from error


def _texts(spec: InputSpec) -> dict[str, str]:
    side, channels = spec.size_px or ANY_SIDE_PX, len(spec.mean)
    sides = (side, side, channels) if spec.layout == "NHWC" else (channels, side, side)
    return {"sides": " ".join(map(str, sides))}
