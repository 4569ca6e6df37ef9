"""Puts the names of a gallery into a packet: what that gallery wrote before gives way, what others wrote stays.

A face that another program calls otherwise is left to it, and that is said. Names are put into the lists of keywords
that programs for photographs read, and taken out of them where the gallery had put them there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from identity.xmp.areas import Area
from identity.xmp.names import HIERARCHICAL_SUBJECT, PERSON_IN_IMAGE, SUBJECT, TAGS_LIST, Name
from identity.xmp.packet import Packet
from identity.xmp.regions import FaceRegion, Size, face_regions, new_region, other_regions, put_regions, same_place

_ROOT = "People"  # of keywords in a tree, as digiKam and Lightroom call it
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class NamedFace:
    """A face of a photograph: its sample, its name, and its area in the picture as it is stored."""

    sample: int
    name: str
    area: Area


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A face that a file calls otherwise than the gallery does."""

    sample: int
    ours: str
    theirs: str


def _keyword(name: str) -> str:
    return name


def _lightroom(name: str) -> str:
    return f"{_ROOT}|{name.replace('|', '-')}"


def _digikam(name: str) -> str:
    return f"{_ROOT}/{name.replace('/', '-')}"


KEYWORDS: tuple[tuple[Name, str, Callable[[str], str]], ...] = (
    (SUBJECT, "Bag", _keyword),
    (PERSON_IN_IMAGE, "Bag", _keyword),
    (HIERARCHICAL_SUBJECT, "Bag", _lightroom),
    (TAGS_LIST, "Seq", _digikam),
)


def merge(packet: Packet, faces: Sequence[NamedFace], size: Size, *, gallery: str) -> list[Disagreement]:
    """Let the packet name these faces of a picture stored in this size; the faces that it calls otherwise.

    `gallery` is the id by which the gallery's own regions are known again. Raises `ValueError` for too many regions.
    """
    there = face_regions(packet)
    ours = [one for one in there if one.gallery == gallery]
    theirs = [one for one in there if one.gallery != gallery and one.name]
    nameless = [one for one in there if one.name is None and any(same_place(one.area, face.area) for face in faces)]
    contested = [found for face in faces if (found := _disagreement(face, theirs)) is not None]
    kept = [face for face in faces if face.sample not in {one.sample for one in contested}]
    fresh = [
        new_region(cleaned(face.name), face.area, gallery=gallery) for face in kept if not _is_there(face, theirs)
    ]
    if fresh or ours:
        put_regions(packet, [*other_regions(packet, [*ours, *nameless]), *fresh], size)
    names = list(dict.fromkeys(cleaned(face.name) for face in kept))
    _put_keywords(packet, names, gone=_gone(ours, theirs, names))
    return contested


def has_regions_of(packet: Packet, gallery: str) -> bool:
    """Whether a gallery wrote into the packet before."""
    return any(one.gallery == gallery for one in face_regions(packet))


def _disagreement(face: NamedFace, theirs: Sequence[FaceRegion]) -> Disagreement | None:
    """What the file calls the face, where no region there has its name."""
    here = [one.name for one in theirs if one.name and same_place(one.area, face.area)]
    if not here or cleaned(face.name) in here:
        return None
    return Disagreement(face.sample, face.name, here[0])


def _is_there(face: NamedFace, theirs: Sequence[FaceRegion]) -> bool:
    """Whether the file has this very region, in the form that every program reads."""
    name = cleaned(face.name)
    return any(one.node is not None and one.name == name and same_place(one.area, face.area) for one in theirs)


def _gone(ours: Sequence[FaceRegion], theirs: Sequence[FaceRegion], names: Sequence[str]) -> list[str]:
    """Names that the gallery wrote before, and that nobody in the picture bears any more."""
    left = {*names, *(one.name for one in theirs)}
    return [one.name for one in ours if one.name and one.name not in left]


def _put_keywords(packet: Packet, names: Sequence[str], *, gone: Sequence[str]) -> None:
    for property_, kind, spelled in KEYWORDS:
        there, taken = packet.texts(property_), {spelled(name) for name in gone}
        wanted = list(dict.fromkeys([*(one for one in there if one not in taken), *map(spelled, names)]))
        if wanted != there:
            packet.put_texts(property_, wanted, kind=kind)


def cleaned(name: str) -> str:
    """The name as XML can hold it."""
    return " ".join(_NOT_XML.sub("\ufffd", name).split())
