"""XML as a small tree that can be changed and written again: bounded, without entities, whoever wrote the file.

A document type is refused where it begins, so nothing in it can grow or fetch anything. Comments and processing
instructions are no metadata and are not kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from identity.xmp.names import PREFIXES, XML, Name

LARGEST_BYTES = 16 << 20
MOST_NODES = 200_000
DEEPEST = 64
_BETWEEN = "\n"  # stands between namespace, name and prefix; no name can hold it


@dataclass(frozen=True, slots=True)
class XmlNode:
    """An element: its attributes and what is in it may be changed, what it is may not."""

    name: Name
    attributes: dict[Name, str] = field(default_factory=dict)
    children: list[XmlNode | str] = field(default_factory=list)

    @property
    def elements(self) -> list[XmlNode]:
        """The elements in it."""
        return [child for child in self.children if isinstance(child, XmlNode)]

    @property
    def text(self) -> str:
        """The characters directly in it, without space around."""
        return "".join(child for child in self.children if isinstance(child, str)).strip()

    def find(self, name: Name) -> XmlNode | None:
        """The first element in it of this name."""
        return next((child for child in self.elements if child.name == name), None)


def parse(content: bytes) -> tuple[XmlNode, dict[str, str]]:
    """The outermost element, and the prefixes that stand for namespaces. Raises `ValueError`."""
    if len(content) > LARGEST_BYTES:
        raise ValueError(f"it has more than {LARGEST_BYTES:,} bytes")
    growing = _Growing()
    parser = expat.ParserCreate(namespace_separator=_BETWEEN)
    parser.namespace_prefixes = True
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartNamespaceDeclHandler = growing.declare
    parser.StartElementHandler = growing.start
    parser.EndElementHandler = growing.end
    parser.CharacterDataHandler = growing.characters
    try:
        parser.Parse(content if b"\0" in content[:4] else content.rstrip(b"\0 \r\n\t"), True)  # noqa: FBT003 (the end)
    except (expat.ExpatError, LookupError) as error:  # the second for an encoding that nobody knows
        raise ValueError(f"it is no XML: {error}") from error
    return growing.outermost(), growing.prefixes


def dump(root: XmlNode, prefixes: Mapping[str, str]) -> str:
    """The element as XML; every namespace is declared on it, under the prefix it had."""
    chosen = _distinct_prefixes(root, prefixes)
    declared = "".join(f" xmlns:{chosen[one]}={quoteattr(one)}" for one in chosen if one != XML)
    return "".join(_written(root, chosen, declared=declared))


class _Growing:
    """The tree while it is read."""

    def __init__(self) -> None:
        self.prefixes: dict[str, str] = {}
        self._open: list[XmlNode] = []
        self._outermost: XmlNode | None = None
        self._count = 0

    def outermost(self) -> XmlNode:
        assert self._outermost is not None
        return self._outermost

    def declare(self, prefix: str | None, namespace: str | None) -> None:
        if prefix and namespace:
            self.prefixes.setdefault(namespace, prefix)

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._count += 1
        if self._count > MOST_NODES or len(self._open) >= DEEPEST:
            raise ValueError("it has too many elements, or too deep ones")
        node = XmlNode(_name(name), {_name(key): value for key, value in attributes.items()})
        if self._open:
            self._open[-1].children.append(node)
        else:
            self._outermost = node
        self._open.append(node)

    def end(self, _name: str) -> None:
        node = self._open.pop()
        if node.elements:  # space between elements says nothing
            node.children[:] = [one for one in node.children if isinstance(one, XmlNode) or one.strip()]

    def characters(self, text: str) -> None:
        self._open[-1].children.append(text)


def _refuse_doctype(*_declared: object) -> NoReturn:
    raise ValueError("it declares a document type, which XMP has none of")


def _name(given: str) -> Name:
    namespace, _, rest = given.partition(_BETWEEN)
    return (namespace, rest.partition(_BETWEEN)[0]) if rest else ("", namespace)


def _distinct_prefixes(root: XmlNode, known: Mapping[str, str]) -> dict[str, str]:
    """A prefix for each namespace of the tree, no two alike."""
    chosen: dict[str, str] = {}
    for namespace in dict.fromkeys(_namespaces(root)):
        wanted = PREFIXES.get(namespace) or known.get(namespace) or "ns"
        taken, number = set(chosen.values()), 1
        while wanted in taken:
            wanted, number = f"{wanted.rstrip('0123456789')}{number}", number + 1
        chosen[namespace] = wanted
    return chosen


def _namespaces(node: XmlNode) -> Iterator[str]:
    yield from (namespace for namespace, _ in (node.name, *node.attributes) if namespace)
    for child in node.elements:
        yield from _namespaces(child)


def _written(node: XmlNode, prefixes: Mapping[str, str], *, depth: int = 0, declared: str = "") -> Iterator[str]:
    tag, indent = _qualified(node.name, prefixes), "\n" + " " * depth
    attributes = "".join(f" {_qualified(key, prefixes)}={quoteattr(text)}" for key, text in node.attributes.items())
    yield f"<{tag}{declared}{attributes}"
    if not node.children:
        yield "/>"
        return
    yield ">"
    for child in node.children:
        if isinstance(child, str):
            yield escape(child.strip() if node.elements else child, {"\r": "&#13;"})
        else:
            yield indent + " "
            yield from _written(child, prefixes, depth=depth + 1)
    yield f"{indent if node.elements else ''}</{tag}>"


def _qualified(name: Name, prefixes: Mapping[str, str]) -> str:
    namespace, local = name
    return f"{prefixes[namespace]}:{local}" if namespace else local
