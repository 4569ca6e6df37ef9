"""Tiny real networks, written as ONNX files by the tests that need them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from identity.core.model import InputSpec, ModelManifest


def linear_network(
    path: Path, weights: np.ndarray, *, shape: tuple[int | str, ...], declared_dim: int | str | None = None
) -> Path:
    """Write vector = flatten(image) @ weights, for images of `shape` (batch first)."""
    dim = weights.shape[1] if declared_dim is None else declared_dim
    nodes = [
        helper.make_node("Flatten", ["image"], ["flat"], axis=1),
        helper.make_node("MatMul", ["flat", "weights"], ["vector"]),
    ]
    graph = helper.make_graph(
        nodes,
        "linear",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("vector", TensorProto.FLOAT, [shape[0], dim])],
        [numpy_helper.from_array(weights.astype(np.float32), "weights")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, str(path))
    return path


def manifest_of(path: Path, *, dim: int, spec: InputSpec, name: str = "tiny") -> ModelManifest:
    """A face manifest for a file, digest and size taken from it."""
    content = path.read_bytes()
    return ModelManifest(
        name=name,
        kind="face",
        file=path.name,
        sha256=hashlib.sha256(content).hexdigest(),
        bytes=len(content),
        dim=dim,
        input=spec,
        alignment="whole/1",
    )
