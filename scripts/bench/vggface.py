"""VGG-Face at full size, with random weights: seconds and bytes of its conversion, and its numbers against numpy.

Writes a weights file of 580 MB in the published layout, converts it, and compares the descriptor that ONNX Runtime
gives with an independent network written in numpy (float64).
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "embedders"))

from vggface_files import forward, random_layers, write_keras2

from identity.core.distance import unit_vectors
from identity.embedders.onnx import OnnxEmbedder
from identity.embedders.vggface import BLOCKS, FULLY_CONNECTED
from identity.workflows.convert_vggface import convert_vggface, photographs
from identity.zoo.manifest import MANIFEST, read


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="file for the figures")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        figures = measure(Path(name))
    for figure, value in figures.items():
        print(f"{figure:32s} {value:.3g}")
    if chosen.json:
        chosen.json.write_text(json.dumps({"schema": "identity.bench.vggface/1"} | figures, indent=1) + "\n")


def measure(folder: Path) -> dict[str, float]:
    layers = random_layers(np.random.default_rng(0), BLOCKS, FULLY_CONNECTED)
    weights = write_keras2(folder / "vgg_face_weights.h5", layers, BLOCKS)
    (folder / "model").mkdir()
    started = time.perf_counter()
    convert_vggface(weights, folder / "model")
    converted_s = time.perf_counter() - started
    peak_gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    manifest = read(folder / "model" / MANIFEST)
    embedder = OnnxEmbedder(folder / "model" / manifest.file, manifest)
    crops = photographs()
    served = embedder.embed(crops[:1])
    started = time.perf_counter()
    embedder.embed(crops * 2)
    embed_s = (time.perf_counter() - started) / (2 * len(crops))
    wanted = unit_vectors(np.float32(forward(crops[0], layers, BLOCKS))[None])
    return {
        "weights_bytes": weights.stat().st_size,
        "onnx_bytes": manifest.bytes,
        "conversion_s": converted_s,
        "conversion_peak_gb": peak_gb,
        "embedding_s_per_image": embed_s,
        "largest_difference_from_numpy": float(np.abs(served - wanted).max()),
    }


if __name__ == "__main__":
    main()
