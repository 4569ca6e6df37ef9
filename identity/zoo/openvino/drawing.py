"""A network on its way to ONNX: the nodes drawn so far, and the constants and outputs that further nodes take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from identity.core.errors import ModelError
from identity.zoo.openvino.constants import Constants
from identity.zoo.openvino.onnx_file import Attributes, Dims, Graph, Node
from identity.zoo.openvino.parsing import Layer

INPUT, OUTPUT, BATCH = "data", "embedding", "N"
Numbers = NDArray[np.float32]


@dataclass(slots=True)
class Drawing:
    """`halves` and `singles` are the constants by the number of the layer that has them in half or single precision."""

    layers: Mapping[int, Layer]
    file: Constants
    nodes: list[Node] = field(default_factory=list)
    halves: dict[int, Numbers] = field(default_factory=dict)
    singles: dict[int, Numbers] = field(default_factory=dict)
    constants: dict[str, Numbers] = field(default_factory=dict)  # those that nodes take, by the name they take
    outputs: dict[int, str] = field(default_factory=dict)
    input_shape: tuple[int, ...] = ()
    dim: int = 0

    def add(
        self,
        layer: Layer,
        operation: str,
        inputs: tuple[str, ...],
        *,
        attributes: Attributes | None = None,
        named: bool = True,
    ) -> None:
        """Draw a layer as one node."""
        output = OUTPUT if operation == "Flatten" else f"t{layer.number}"
        self.nodes.append(Node(operation, inputs, output, layer.name if named else "", attributes))
        self.outputs[layer.number] = output

    def fed(self, layer: Layer, port: int) -> str:
        """The name of what feeds a port: another node's output, or a constant."""
        source = layer.sources[port]
        if source in self.singles:
            return self.keep(f"c{source}", self.singles[source])
        if source not in self.outputs:
            raise refusal(layer, f"takes what {self.layers[source].title} gives at port {port}")
        return self.outputs[source]

    def constant(self, layer: Layer, *, rank: int) -> Numbers:
        """The constant of `rank` dimensions at a layer's second port."""
        found = self.singles.get(layer.sources[1])
        if found is None or found.ndim != rank:
            raise refusal(layer, f"has no constant of {rank} dimensions at port 1")
        return found

    def keep(self, name: str, values: Numbers) -> str:
        """Note a constant under the name that a node takes."""
        self.constants[name] = values
        return name

    def graph(self, name: str) -> Graph:
        """The whole network, for any number of images at once."""
        if not (self.input_shape and self.dim):
            raise ModelError("the .xml has no input, or no result: give the published file")
        taken: Dims = (BATCH, *self.input_shape[1:])
        return Graph(name, self.nodes, self.constants, {INPUT: taken}, {OUTPUT: (BATCH, self.dim)})


def refusal(layer: Layer, why: str) -> ModelError:
    """The error for a layer that is not as those of the published network are."""
    return ModelError(f"{layer.title} {why}, which this program does not read: give the published file")
