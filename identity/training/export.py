"""A trained Keras model becomes a model folder: ONNX, manifest and loss curve, or an error where ONNX disagrees."""

from __future__ import annotations

import csv
import hashlib
import json
import platform
import shutil
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from identity.core.distance import unit_vectors
from identity.core.durable import make_folder, replace_folder_durably
from identity.core.errors import TrainingError
from identity.core.unfinished import beside
from identity.training.network import SIZE_PX, scale_pixels

TOLERANCE = 1e-4
PARITY_IMAGES = 256
CURVE_POINTS = 500
Curve = Sequence[tuple[int, float]]


def export(
    model: Any, *, folder: Path, name: str, images: NDArray[np.uint8], curve: Curve, facts: Mapping[str, Any]
) -> Path:
    """Write `folder`: model.onnx, manifest.json, loss.csv; whole or not at all, on the disk on return. Returns it.

    `images` (n, 28, 28) are real ones, on which Keras and ONNX must agree to 1e-4. Raises `TrainingError`.
    """
    working = beside(folder, "new")
    try:
        make_folder(folder.parent, mode=0o755)
        working.mkdir(mode=0o755)
        network = working / "model.onnx"
        _to_onnx(model, network)
        _require_parity(model, network, images[:PARITY_IMAGES])
        _write_manifest(working, network, name=name, dim=int(model.output_shape[-1]), curve=curve, facts=facts)
        _write_curve(working / "loss.csv", curve)
        replace_folder_durably(working, folder)
    except OSError as error:
        raise TrainingError(f"cannot write {folder}: {error}: choose another --output") from error
    finally:
        shutil.rmtree(working, ignore_errors=True)
    return folder


def _to_onnx(model: Any, path: Path) -> None:
    import tensorflow as tf
    import tf2onnx

    shape = (None, SIZE_PX, SIZE_PX, 1)
    model(np.zeros((1, *shape[1:]), np.float32))  # a model that was never called has no graph to export
    call = tf.function(lambda image: model(image, training=False))
    tf2onnx.convert.from_function(
        call, input_signature=[tf.TensorSpec(shape, tf.float32, name="image")], opset=17, output_path=str(path)
    )


def _require_parity(model: Any, path: Path, images: NDArray[np.uint8]) -> None:
    import onnxruntime

    shown = scale_pixels(images)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    served = unit_vectors(session.run(None, {session.get_inputs()[0].name: shown})[0])
    trained = unit_vectors(np.asarray(model(shown, training=False)))
    difference = float(np.abs(served - trained).max())
    if not difference <= TOLERANCE:
        raise TrainingError(f"Keras and ONNX differ by {difference:.1e} on real images, more than {TOLERANCE:g}")


def _write_manifest(
    working: Path, network: Path, *, name: str, dim: int, curve: Curve, facts: Mapping[str, Any]
) -> None:
    content = network.read_bytes()
    thinned = curve[:: max(1, len(curve) // CURVE_POINTS)]
    libraries = {one: version(one) for one in ("keras", "tensorflow", "tf2onnx", "onnx", "numpy")}
    manifest = {
        "schema": "identity.model/1",
        "name": name,
        "kind": "digits",
        "file": network.name,
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
        "dim": dim,
        "input": {"layout": "NHWC", "size_px": SIZE_PX, "channels": "grey", "mean": [0.0], "scale": 1 / 255},
        "alignment": "mnist-28/1",
        "template": None,
        "licence": "Apache-2.0",
        "source": "identity train digits",
        "operating_points": [],
        "training": dict(facts)
        | {
            "curve": [[step, round(loss, 5)] for step, loss in thinned],
            "versions": libraries | {"python": platform.python_version()},
        },
    }
    (working / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


def _write_curve(path: Path, curve: Curve) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(("step", "loss"))
        rows.writerows((step, f"{loss:.6f}") for step, loss in curve)
