"""Writes an ONNX file: the few protobuf messages that a network needs, fields in the order of their numbers.

The same network is always the same bytes (https://protobuf.dev/programming-guides/encoding, onnx.proto).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

IR_VERSION, OPSET = 8, 13
FLOAT = 1  # of TensorProto.DataType
_INT, _INTS = 2, 7  # of AttributeProto.AttributeType
VARINT, MESSAGE = 0, 2
Dims = Sequence[int | str]  # a name stands for a size that is left open
Attributes = dict[str, int | tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Node:
    """One operation; it has one output."""

    operation: str
    inputs: tuple[str, ...]
    output: str
    name: str = ""
    attributes: Attributes | None = None


@dataclass(frozen=True, slots=True)
class Graph:
    """A network: its nodes, its constants by name, and the tensors that go in and come out."""

    name: str
    nodes: Sequence[Node]
    constants: Mapping[str, NDArray[np.float32]]
    inputs: Mapping[str, Dims]
    outputs: Mapping[str, Dims]


def written(graph: Graph, *, producer: str) -> bytes:
    """The file's content."""
    body = b"".join(_message(1, _node(node)) for node in graph.nodes) + _text(2, graph.name)
    body += b"".join(_message(5, _constant(name, values)) for name, values in graph.constants.items())
    body += b"".join(_message(11, _tensor(name, dims)) for name, dims in graph.inputs.items())
    body += b"".join(_message(12, _tensor(name, dims)) for name, dims in graph.outputs.items())
    opset = _message(8, _text(1, "") + _number(2, OPSET))
    return _number(1, IR_VERSION) + _text(2, producer) + _message(7, body) + opset


def _node(node: Node) -> bytes:
    content = b"".join(_text(1, name) for name in node.inputs) + _text(2, node.output)
    content += (_text(3, node.name) if node.name else b"") + _text(4, node.operation)
    return content + b"".join(_message(5, _attribute(*one)) for one in sorted((node.attributes or {}).items()))


def _attribute(name: str, value: int | tuple[int, ...]) -> bytes:
    if isinstance(value, int):
        return _text(1, name) + _number(3, value) + _number(20, _INT)
    return _text(1, name) + b"".join(_number(8, one) for one in value) + _number(20, _INTS)


def _constant(name: str, values: NDArray[np.float32]) -> bytes:
    dims = b"".join(_number(1, size) for size in values.shape)
    return dims + _number(2, FLOAT) + _text(8, name) + _message(9, values.astype("<f4").tobytes())


def _tensor(name: str, dims: Dims) -> bytes:
    sizes = (_text(2, size) if isinstance(size, str) else _number(1, size) for size in dims)
    shape = b"".join(_message(1, size) for size in sizes)
    return _text(1, name) + _message(2, _message(1, _number(1, FLOAT) + _message(2, shape)))


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3 | VARINT) + _varint(value)


def _text(field: int, value: str) -> bytes:
    return _message(field, value.encode("utf-8"))


def _message(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | MESSAGE) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    """A number of at least 0 in groups of seven bits, the lowest first."""
    groups = bytearray()
    while value > 0x7F:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    groups.append(value)
    return bytes(groups)
