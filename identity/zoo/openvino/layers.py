"""What each kind of layer becomes in ONNX; a kind, a version or an attribute that is not here is refused by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from identity.zoo.openvino.constants import Constants, numbers
from identity.zoo.openvino.drawing import INPUT, Drawing, Numbers, refusal
from identity.zoo.openvino.onnx_file import Attributes
from identity.zoo.openvino.parsing import Layer

Values = Mapping[str, str | None]  # of each attribute the only value that is read, None for any
_PLACED: Values = {"strides": None, "dilations": None, "pads_begin": None, "pads_end": None, "auto_pad": "explicit"}
_POOLED: Values = {
    "kernel": None, "strides": None, "pads_begin": None, "pads_end": None,
    "auto_pad": "explicit", "rounding_type": "floor", "exclude-pad": "true",
}  # fmt: skip
VERSION = "opset1"
BATCH_AND_PLANES = 4  # dimensions: batch, channels, height, width
SIDES = 2


@dataclass(frozen=True, slots=True)
class LayerKind:
    """How many ports are fed, which attributes there are, and what draws it."""

    ports: int
    attributes: Values
    draw: Callable[[Drawing, Layer], None]


def draw(layers: Mapping[int, Layer], file: Constants) -> Drawing:
    """Every layer, drawn in turn. Raises `ModelError`, naming the layer, for one that cannot be."""
    drawing = Drawing(layers, file)
    for layer in layers.values():
        kind = KINDS.get(layer.kind)
        if kind is None:
            raise refusal(layer, "is of a kind")
        _require(layer, kind)
        kind.draw(drawing, layer)
    return drawing


def _require(layer: Layer, kind: LayerKind) -> None:
    if layer.version != VERSION:
        raise refusal(layer, f"is of version {layer.version[:40]!r}")
    if len(layer.sources) != kind.ports:
        raise refusal(layer, f"is fed at {len(layer.sources)} ports instead of {kind.ports}")
    if odd := sorted(set(layer.attributes) ^ set(kind.attributes)):
        raise refusal(layer, f"has or lacks the attribute {odd[0][:40]!r}")
    for name, wanted in kind.attributes.items():
        found = layer.attributes[name]
        if wanted is not None and found != wanted:
            raise refusal(layer, f"has {name}={found[:40]!r} instead of {wanted!r}")


def _parameter(drawing: Drawing, layer: Layer) -> None:
    shape = numbers(layer.attributes["shape"], layer)
    if drawing.input_shape or len(shape) != BATCH_AND_PLANES or shape[0] != 1:
        raise refusal(layer, f"is a second input, or one of the shape {shape}")
    drawing.input_shape = shape
    drawing.outputs[layer.number] = INPUT


def _const(drawing: Drawing, layer: Layer) -> None:
    drawing.halves[layer.number] = drawing.file.read(layer)


def _convert(drawing: Drawing, layer: Layer) -> None:
    source = layer.sources[0]
    if source not in drawing.halves:
        raise refusal(layer, "converts what is no constant")
    drawing.singles[layer.number] = drawing.halves[source]


def _multiply(drawing: Drawing, layer: Layer) -> None:
    drawing.add(layer, "Mul", (drawing.fed(layer, 0), drawing.fed(layer, 1)))


def _add(drawing: Drawing, layer: Layer) -> None:
    drawing.add(layer, "Add", (drawing.fed(layer, 0), drawing.fed(layer, 1)))


def _prelu(drawing: Drawing, layer: Layer) -> None:
    slope = drawing.constant(layer, rank=1).reshape(-1, 1, 1)  # one for all channels, or one for each
    drawing.add(layer, "PRelu", (drawing.fed(layer, 0), drawing.keep(f"s{layer.number}", slope)))


def _sigmoid(drawing: Drawing, layer: Layer) -> None:
    drawing.add(layer, "Sigmoid", (drawing.fed(layer, 0),), named=False)


def _convolution(drawing: Drawing, layer: Layer) -> None:
    _convolve(drawing, layer, drawing.constant(layer, rank=4), groups=1)


def _group_convolution(drawing: Drawing, layer: Layer) -> None:
    kernels = drawing.constant(layer, rank=5)  # group, outputs of a group, inputs of a group, height, width
    groups, outputs, *rest = kernels.shape
    _convolve(drawing, layer, kernels.reshape(groups * outputs, *rest), groups=groups)


def _convolve(drawing: Drawing, layer: Layer, kernels: Numbers, *, groups: int) -> None:
    attributes: Attributes = {"group": groups, "kernel_shape": kernels.shape[2:]}
    attributes |= {"dilations": _sides(layer, "dilations"), **_placing(layer)}
    inputs = (drawing.fed(layer, 0), drawing.keep(f"w{layer.number}", kernels))
    drawing.add(layer, "Conv", inputs, attributes=attributes)


def _average_pool(drawing: Drawing, layer: Layer) -> None:
    attributes: Attributes = {"count_include_pad": 0, "kernel_shape": _sides(layer, "kernel")}
    drawing.add(
        layer, "AveragePool", (drawing.fed(layer, 0),), attributes=attributes | _placing(layer), named=False
    )


def _result(drawing: Drawing, layer: Layer) -> None:
    shape = drawing.layers[layer.sources[0]].shape
    if drawing.dim or len(shape) != BATCH_AND_PLANES or shape[2:] != (1, 1):
        raise refusal(layer, f"is a second result, or one of the shape {shape}")
    drawing.dim = shape[1]
    drawing.add(layer, "Flatten", (drawing.fed(layer, 0),), named=False)


def _placing(layer: Layer) -> Attributes:
    return {
        "pads": (*_sides(layer, "pads_begin"), *_sides(layer, "pads_end")),
        "strides": _sides(layer, "strides"),
    }


def _sides(layer: Layer, name: str) -> tuple[int, ...]:
    found = numbers(layer.attributes[name], layer)
    if len(found) != SIDES:
        raise refusal(layer, f"has {name} for {len(found)} sides")
    return found


KINDS = {
    "Parameter": LayerKind(0, {"shape": None, "element_type": "f32"}, _parameter),
    "Const": LayerKind(0, {"element_type": "f16", "shape": None, "offset": None, "size": None}, _const),
    "Convert": LayerKind(1, {"destination_type": "f32"}, _convert),
    "Multiply": LayerKind(2, {"auto_broadcast": "numpy"}, _multiply),
    "Add": LayerKind(2, {"auto_broadcast": "numpy"}, _add),
    "PReLU": LayerKind(2, {}, _prelu),
    "Sigmoid": LayerKind(1, {}, _sigmoid),
    "Convolution": LayerKind(2, _PLACED, _convolution),
    "GroupConvolution": LayerKind(2, _PLACED, _group_convolution),
    "AvgPool": LayerKind(1, _POOLED, _average_pool),
    "Result": LayerKind(1, {}, _result),
}
