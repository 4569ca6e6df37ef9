"""Writes a Keras network of convolutions as ONNX, layer by layer.

A tracing converter needed more than 20 GB for VGG-Face's 145 million weights; this takes each kernel over as it is,
and gives the same bytes for the same weights, so that two machines get the same space.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from identity.core.errors import TrainingError

OPSET = 17
IR_VERSION = 9
INPUT, OUTPUT = "image", "descriptor"


def write_onnx(network: Any, target: Path) -> None:
    """Write the layers of a Keras Sequential on (n, side, side, channels) to `target`.

    Raises `TrainingError` for a layer that is none of VGG-Face's, or where the extra `train` is not installed.
    """
    try:
        import onnx
    except ImportError as error:
        raise TrainingError("onnx is needed to write ONNX files: pip install 'identity-search[train]'") from error
    shapes = [["n", *network.input_shape[1:]], ["n", network.output_shape[-1]]]
    ends = [
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)
        for name, shape in zip((INPUT, OUTPUT), shapes, strict=True)
    ]
    graph = onnx.helper.make_graph([], "vgg_face", ends[:1], ends[1:])
    for node, arrays in _nodes(network):
        graph.node.append(node)
        graph.initializer.extend(arrays)
    opsets = [onnx.helper.make_opsetid("", OPSET)]
    onnx.save(onnx.helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION), str(target))


def _nodes(network: Any) -> Iterator[tuple[Any, list[Any]]]:
    """Every node with the arrays it needs; each takes what the one before gives. ONNX wants channels first."""
    from onnx import helper

    yield helper.make_node("Transpose", [INPUT], ["planes"], perm=[0, 3, 1, 2]), []
    given, padding = "planes", 0
    for place, layer in enumerate(network.layers):
        kind = type(layer).__name__
        if kind == "ZeroPadding2D":
            padding = layer.padding[0][0]
        elif kind != "Dropout":
            name = OUTPUT if layer is network.layers[-1] else f"layer{place}"  # Keras's own names count up
            yield _node(layer, kind, given, name, padding=padding)
            given, padding = name, 0


def _node(layer: Any, kind: str, given: str, name: str, *, padding: int) -> tuple[Any, list[Any]]:
    from onnx import helper

    match kind:
        case "Conv2D":
            arrays = _arrays(layer, name)
            names = [given, *(array.name for array in arrays)]
            return helper.make_node("Conv", names, [name], pads=[padding] * 4), arrays
        case "ReLU":
            return helper.make_node("Relu", [given], [name]), []
        case "MaxPooling2D":
            sides = {"kernel_shape": layer.pool_size, "strides": layer.strides}
            return helper.make_node("MaxPool", [given], [name], **sides), []
        case "Flatten":
            return helper.make_node("Flatten", [given], [name], axis=1), []
        case _:
            raise TrainingError(f"layer {layer.name} is a {kind}, which VGG-Face does not have: convert VGG-Face only")


def _arrays(layer: Any, name: str) -> list[Any]:
    """Kernel (out, in, h, w) and bias (out,) of a convolution."""
    from onnx import numpy_helper

    kernel, bias = layer.get_weights()
    planes = np.ascontiguousarray(kernel.transpose(3, 2, 0, 1))
    return [numpy_helper.from_array(planes, f"{name}.kernel"), numpy_helper.from_array(bias, f"{name}.bias")]
