"""Regions of faces in a packet: those of the Metadata Working Group, which are written too, and Microsoft's."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from identity.xmp.areas import Area, swaps_sides, upright_area
from identity.xmp.names import AREA, DIMENSIONS, OURS, PHOTO_INFO, PHOTO_REGION, PHOTO_REGION_INFO, RDF, REGION_INFO
from identity.xmp.names import REGIONS as MWG
from identity.xmp.packet import LI, Packet, fields_of, items_of, text_of
from identity.xmp.tree import XmlNode

FACE = "Face"
MOST_REGIONS = 1000  # of one photograph
LEAST_OVERLAP = 0.3  # of two boxes around one face: intersection over union
_APPLIED = (MWG, "AppliedToDimensions")
_LIST = (MWG, "RegionList")
_EXTENSIONS = (MWG, "Extensions")
_GALLERY = (OURS, "gallery")
_RESOURCE = {(RDF, "parseType"): "Resource"}
Size = tuple[int, int]  # width and height in pixels, of the picture as it is stored


@dataclass(frozen=True, slots=True)
class FaceRegion:
    """A face that a file speaks of: its name, its area in the picture as stored, and which gallery of ours wrote it."""

    name: str | None
    area: Area | None  # None where the file says none that can be one
    gallery: str | None = None
    node: XmlNode | None = None


def face_regions(packet: Packet) -> list[FaceRegion]:
    """The faces in a packet; regions of other things are left out, and what Microsoft's say once more.

    Raises `ValueError` for more than can be meant.
    """
    found, more = list(_mwg(packet)), list(_microsoft(packet))
    if len(found) + len(more) > MOST_REGIONS:
        raise ValueError(f"it has more than {MOST_REGIONS:,} regions")
    return found + [one for one in more if not any(same_place(one.area, other.area) for other in found)]


def same_place(one: Area | None, other: Area | None) -> bool:
    """Whether two areas are of one face: programs draw them larger or smaller."""
    return one is not None and other is not None and one.overlap(other) >= LEAST_OVERLAP


def upright_areas(packet: Packet, size: Size, orientation: int) -> list[tuple[FaceRegion, Area | None]]:
    """Each face with its area in the upright picture, whose stored form has this size.

    Where the file says that its regions were measured in the upright picture, they are not turned.
    """
    upright = size[::-1] if swaps_sides(orientation) else size
    turned = 1 if _applied_to(packet) == upright != size else orientation
    return [(one, None if one.area is None else upright_area(one.area, turned)) for one in face_regions(packet)]


def other_regions(packet: Packet, gone: Sequence[FaceRegion]) -> list[XmlNode]:
    """Every region of the Metadata Working Group in a packet but these, as it is written there."""
    left = {id(one.node) for one in gone}
    return [node for node in _items(packet) if id(node) not in left]


def put_regions(packet: Packet, regions: Sequence[XmlNode], size: Size) -> None:
    """Set all regions of a packet, of a picture that is stored in this size; without any it speaks of none."""
    if not regions:
        packet.put(REGION_INFO, None)
        return
    dimensions = {"w": str(size[0]), "h": str(size[1]), "unit": "pixel"}
    applied = _structure(_APPLIED, [XmlNode((DIMENSIONS, key), children=[text]) for key, text in dimensions.items()])
    listed = XmlNode(_LIST, children=[XmlNode((RDF, "Bag"), children=list(regions))])
    packet.put(REGION_INFO, _structure(REGION_INFO, [applied, listed]))


def new_region(name: str, area: Area, *, gallery: str) -> XmlNode:
    """A region of ours, which says so, so that it is known again."""
    measures = {
        "x": (area.x1 + area.x2) / 2, "y": (area.y1 + area.y2) / 2, "w": area.x2 - area.x1, "h": area.y2 - area.y1,
    }  # fmt: skip
    parts = [XmlNode((AREA, key), children=[f"{part:.6f}"]) for key, part in measures.items()]
    parts.append(XmlNode((AREA, "unit"), children=["normalized"]))
    return _structure(
        LI,
        [
            XmlNode((MWG, "Name"), children=[name]),
            XmlNode((MWG, "Type"), children=[FACE]),
            _structure((MWG, "Area"), parts),
            _structure(_EXTENSIONS, [XmlNode(_GALLERY, children=[gallery])]),
        ],
    )


def _structure(name: tuple[str, str], parts: Sequence[XmlNode]) -> XmlNode:
    return XmlNode(name, dict(_RESOURCE), list(parts))


def _items(packet: Packet) -> list[XmlNode]:
    info = packet.find(REGION_INFO)
    listed = None if info is None else fields_of(info).get(_LIST)
    return items_of(listed) if isinstance(listed, XmlNode) else []


def _mwg(packet: Packet) -> Iterator[FaceRegion]:
    for node in _items(packet):
        said = fields_of(node)
        if text_of(said.get((MWG, "Type"))) in (FACE, None, ""):
            name = text_of(said.get((MWG, "Name"))) or None
            yield FaceRegion(name, _area(said.get((MWG, "Area"))), _gallery(said.get(_EXTENSIONS)), node)


def _area(value: XmlNode | str | None) -> Area | None:
    said = fields_of(value) if isinstance(value, XmlNode) else {}
    x, y, w, h = (_number(text_of(said.get((AREA, key)))) for key in "xywh")
    if x is None or y is None or w is None or h is None or text_of(said.get((AREA, "unit"))) == "pixel":
        return None
    return _within(x - w / 2, y - h / 2, x + w / 2, y + h / 2)


def _gallery(value: XmlNode | str | None) -> str | None:
    return text_of(fields_of(value).get(_GALLERY)) if isinstance(value, XmlNode) else None


def _microsoft(packet: Packet) -> Iterator[FaceRegion]:
    """Names and rectangles (left, top, width, height) as Windows' photo gallery wrote them, and digiKam does."""
    info = packet.find(PHOTO_REGION_INFO)
    listed = None if info is None else fields_of(info).get((PHOTO_INFO, "Regions"))
    for node in items_of(listed) if isinstance(listed, XmlNode) else ():
        said = fields_of(node)
        rectangle = (text_of(said.get((PHOTO_REGION, "Rectangle"))) or "").split(",")
        numbers = [number for part in rectangle if (number := _number(part)) is not None]
        x, y, w, h = numbers if len(numbers) == 4 else (0.0, 0.0, 0.0, 0.0)
        area = _within(x, y, x + w, y + h)
        yield FaceRegion(text_of(said.get((PHOTO_REGION, "PersonDisplayName"))) or None, area)


def _within(x1: float, y1: float, x2: float, y2: float) -> Area | None:
    """The area inside the picture; None for one without any."""
    area = Area(max(x1, 0.0), max(y1, 0.0), min(x2, 1.0), min(y2, 1.0))
    return area if area.x1 < area.x2 and area.y1 < area.y2 else None


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _applied_to(packet: Packet) -> Size | None:
    info = packet.find(REGION_INFO)
    applied = None if info is None else fields_of(info).get(_APPLIED)
    said = fields_of(applied) if isinstance(applied, XmlNode) else {}
    w, h = (_number(text_of(said.get((DIMENSIONS, key)))) for key in "wh")
    return None if w is None or h is None else (int(w), int(h))
