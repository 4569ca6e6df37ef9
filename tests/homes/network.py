"""A network of one layer that stands for a face network: 3,072 pixels onto 32 directions, and its manifest."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from pictures import SIDE_PX

DIM = 32
POINTS = [{"fmr": 0.01, "distance": 0.5}, {"fmr": 0.001, "distance": 0.4}]


def write(folder: Path, *, name: str = "pixels", dim: int = DIM, seed: int = 0) -> Path:
    """Write `pixels.onnx` and `manifest.json`; the folder is what `identity models add` takes."""
    folder.mkdir(parents=True)
    content = _content(dim, seed)
    (folder / "pixels.onnx").write_bytes(content)
    manifest = {
        "schema": "identity.model/1", "name": name, "kind": "face", "file": "pixels.onnx",
        "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content), "dim": dim,
        "input": {"layout": "NHWC", "size_px": SIDE_PX, "channels": "rgb", "mean": [127.5] * 3, "scale": 1 / 127.5},
        "alignment": "whole/1", "template": None, "licence": "Apache-2.0", "source": "tests/homes/network.py",
        "operating_points": POINTS, "training": None,
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def _content(dim: int, seed: int) -> bytes:
    weights = np.random.default_rng(seed).normal(size=(SIDE_PX * SIDE_PX * 3, dim)).astype(np.float16)
    nodes = [
        helper.make_node("Flatten", ["image"], ["pixels"], axis=1),
        helper.make_node("Cast", ["half"], ["weights"], to=TensorProto.FLOAT),
        helper.make_node("MatMul", ["pixels", "weights"], ["vector"]),
    ]
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", SIDE_PX, SIDE_PX, 3])
    vector = helper.make_tensor_value_info("vector", TensorProto.FLOAT, ["n", dim])
    graph = helper.make_graph(nodes, "pixels", [image], [vector], [numpy_helper.from_array(weights, "half")])
    return onnx.helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8, producer_name="identity"
    ).SerializeToString()
