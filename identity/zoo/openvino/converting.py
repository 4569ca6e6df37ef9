"""From a network's two files to the content of one ONNX file."""

from __future__ import annotations

from identity.zoo.openvino.constants import Constants
from identity.zoo.openvino.layers import draw
from identity.zoo.openvino.onnx_file import written
from identity.zoo.openvino.parsing import parse

PRODUCER = "converted from OpenVINO IR FP16"


def convert(xml: bytes, weights: bytes, *, name: str) -> bytes:
    """The network as ONNX, always the same bytes. Raises `ModelError`, naming the layer, for what is not read here."""
    return written(draw(parse(xml), Constants(weights)).graph(name), producer=PRODUCER)
