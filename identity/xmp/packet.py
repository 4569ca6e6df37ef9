"""One XMP packet: its properties found, put and taken away; all others stay as they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from identity.xmp.names import META, RDF, Name
from identity.xmp.tree import XmlNode, dump, parse

ABOUT: Name = (RDF, "about")
LI: Name = (RDF, "li")
_RDF: Name = (RDF, "RDF")
_DESCRIPTION: Name = (RDF, "Description")
_LISTS = [(RDF, kind) for kind in ("Bag", "Seq", "Alt")]
_BEGIN = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
_END = '\n<?xpacket end="w"?>'


@dataclass(frozen=True, slots=True)
class Packet:
    """The XMP of one photograph, from its file or from the file beside it."""

    rdf: XmlNode
    prefixes: dict[str, str] = field(default_factory=dict)

    @classmethod
    def empty(cls) -> Packet:
        """One that says nothing."""
        return cls(XmlNode(_RDF))

    @classmethod
    def read(cls, content: bytes) -> Packet:
        """The packet in some bytes. Raises `ValueError`."""
        root, prefixes = parse(content)
        rdf = root if root.name == _RDF else root.find(_RDF)
        if rdf is None:
            raise ValueError("it is XML, but holds no XMP")
        return cls(rdf, prefixes)

    def written(self) -> bytes:
        """The packet as bytes, as it stands in a file."""
        root = XmlNode((META, "xmpmeta"), children=[self.rdf])
        return (_BEGIN + dump(root, self.prefixes) + _END).encode()

    def find(self, name: Name) -> XmlNode | None:
        """The element of a property, None where it is not there."""
        return next((found for one in self._descriptions() if (found := one.find(name)) is not None), None)

    def put(self, name: Name, node: XmlNode | None) -> None:
        """Set a property to this element, where it was before, or take it away."""
        left = [] if node is None else [node]
        for one in self._descriptions():
            kept: list[XmlNode | str] = []
            for child in one.children:
                if isinstance(child, str) or child.name != name:
                    kept.append(child)
                elif left:
                    kept.append(left.pop())
            one.children[:] = kept
            one.attributes.pop(name, None)
        if left:
            self._first_description().children.append(left[0])

    def texts(self, name: Name) -> list[str]:
        """The texts of a property that is a list of them."""
        node = self.find(name)
        if node is not None:
            return [one.text for one in items_of(node) if one.text] or ([node.text] if node.text else [])
        simple = [one.attributes[name] for one in self._descriptions() if name in one.attributes]
        return simple[:1]

    def put_texts(self, name: Name, texts: Sequence[str], *, kind: str = "Bag") -> None:
        """Set a property to a list of texts, or take it away where there are none."""
        items: list[XmlNode | str] = [XmlNode(LI, children=[text]) for text in texts]
        self.put(name, XmlNode(name, children=[XmlNode((RDF, kind), children=items)]) if items else None)

    def _descriptions(self) -> list[XmlNode]:
        return [one for one in self.rdf.elements if one.name == _DESCRIPTION]

    def _first_description(self) -> XmlNode:
        found = self._descriptions()
        if not found:
            found = [XmlNode(_DESCRIPTION, {ABOUT: ""})]
            self.rdf.children.append(found[0])
        return found[0]


def items_of(node: XmlNode) -> list[XmlNode]:
    """The entries of a property that is a list."""
    lists = [one for one in node.elements if one.name in _LISTS]
    return [item for one in lists for item in one.elements if item.name == LI]


def fields_of(node: XmlNode) -> dict[Name, XmlNode | str]:
    """The fields of a structure, in whichever of RDF's spellings: attributes, elements, or a description inside."""
    inner = [one for one in node.elements if one.name == _DESCRIPTION]
    parts = [node, *inner]
    said: dict[Name, XmlNode | str] = {
        key: text for part in parts for key, text in part.attributes.items() if key[0] != RDF
    }
    return said | {child.name: child for part in parts for child in part.elements if child.name != _DESCRIPTION}


def text_of(value: XmlNode | str | None) -> str | None:
    """The text of a field, None where it has none."""
    return value.text if isinstance(value, XmlNode) else value
