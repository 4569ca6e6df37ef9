"""The `.xml` of a network as layers and what feeds them. Nothing in it is believed before it is looked at.

https://docs.openvino.ai/2023.3/openvino_ir.html describes the form.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from identity.core.errors import ModelError

MOST_XML_BYTES = 4 << 20
MOST_ELEMENTS = 50_000
MOST_LAYERS = 5_000
DEEPEST = 12
MOST_DIMS = 6
_NUMBER = re.compile(r"[0-9]{1,9}")
_LAYER, _DATA = ["net", "layers", "layer"], ["net", "layers", "layer", "data"]
_DIM, _EDGE = ["net", "layers", "layer", "output", "port", "dim"], ["net", "edges", "edge"]


@dataclass(slots=True)
class Layer:
    """One layer: `shape` is that of its only output, `sources` are the layers that feed its ports in their order."""

    number: int
    name: str
    kind: str
    version: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    shape: tuple[int, ...] = ()
    sources: tuple[int, ...] = ()

    @property
    def title(self) -> str:
        """The layer as an error names it."""
        return f"layer {self.number} ({self.kind[:40]!r})"


def parse(xml: bytes) -> dict[int, Layer]:
    """The layers by number, each after those that feed it. Raises `ModelError` for a file that says anything else."""
    if len(xml) > MOST_XML_BYTES:
        raise ModelError(f"the .xml has more than {MOST_XML_BYTES:,} bytes: give the published file")
    reading = _NetworkReading()
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler, parser.EndElementHandler = reading.start, reading.end
    parser.CharacterDataHandler = reading.text
    parser.buffer_text = True
    try:
        parser.Parse(xml, True)  # noqa: FBT003 (it takes no other)
    except (expat.ExpatError, UnicodeError) as error:
        raise ModelError(f"the .xml is not valid XML ({error}): give the published file") from error
    if not reading.layers:
        raise ModelError("the .xml describes no layers: give the .xml of a network")
    return _wired(reading.layers, reading.edges)


def _refuse_doctype(*_declared: object) -> None:
    raise ModelError("the .xml declares a document type, and entities with it: give the published file")


@dataclass(slots=True)
class _NetworkReading:
    """What was read so far; the parser calls it."""

    layers: dict[int, Layer] = field(default_factory=dict)
    edges: dict[tuple[int, int], int] = field(default_factory=dict)  # to layer and port -> from layer
    path: list[str] = field(default_factory=list)
    elements: int = 0
    written: str = ""  # between two tags
    newest: Layer | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.elements, self.written = self.elements + 1, ""
        self.path.append(tag)
        if self.elements > MOST_ELEMENTS or len(self.path) > DEEPEST:
            raise ModelError(
                f"the .xml has more than {MOST_ELEMENTS:,} elements, or more than {DEEPEST} within each other: "
                "give the published file"
            )
        if self.path == _LAYER:
            self.newest = self._layer(attributes)
        elif self.path == _DATA and self.newest is not None:
            self.newest.attributes = attributes
        elif self.path == _EDGE:
            self._edge(attributes)

    def text(self, written: str) -> None:
        self.written += written

    def end(self, _tag: str) -> None:
        if self.path == _DIM and self.newest is not None:
            shape = (*self.newest.shape, whole(self.written.strip(), f"a dimension of {self.newest.title}"))
            if len(shape) > MOST_DIMS:
                raise ModelError(f"{self.newest.title} has more than {MOST_DIMS} dimensions: give the published file")
            self.newest.shape = shape
        self.path.pop()

    def _layer(self, attributes: dict[str, str]) -> Layer:
        number = whole(attributes.get("id", ""), "the number of a layer")
        if number in self.layers or len(self.layers) == MOST_LAYERS:
            raise ModelError(
                f"the .xml has two layers {number}, or more than {MOST_LAYERS:,} layers: give the published file"
            )
        name, kind, version = (attributes.get(key, "") for key in ("name", "type", "version"))
        self.layers[number] = Layer(number, name, kind, version)
        return self.layers[number]

    def _edge(self, attributes: dict[str, str]) -> None:
        ends = ("from-layer", "to-layer", "to-port")
        source, target, port = (whole(attributes.get(end, ""), f"'{end}' of an edge") for end in ends)
        if (target, port) in self.edges:
            raise ModelError(f"two edges of the .xml lead to port {port} of layer {target}: give the published file")
        self.edges[target, port] = source


def whole(text: str, what: str) -> int:
    """A number of at most nine digits. Raises `ModelError` where the text is none."""
    if not _NUMBER.fullmatch(text):
        raise ModelError(f"{what} must be a whole number, not {text[:40]!r}: give the published file")
    return int(text)


def _wired(layers: dict[int, Layer], edges: dict[tuple[int, int], int]) -> dict[int, Layer]:
    places = {number: place for place, number in enumerate(layers)}
    for (target, port), source in sorted(edges.items()):
        if target not in layers or places.get(source, len(places)) >= places[target]:
            raise ModelError(
                f"an edge of the .xml leads from layer {source} to {target}, which is not after it: "
                "give the published file"
            )
        if port != len(layers[target].sources):
            raise ModelError(f"port {len(layers[target].sources)} of layer {target} is fed by none: give another .xml")
        layers[target].sources += (source,)
    return layers
