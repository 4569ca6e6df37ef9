"""The names of faces in photographs' files: regions with names, and the stored faces that they overlap."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path

from identity.core.errors import IdentityError
from identity.core.types import Sample, SourceImage
from identity.imaging.metadata import PictureMetadata, read_metadata
from identity.xmp.areas import Area
from identity.xmp.merging import cleaned
from identity.xmp.packet import Packet
from identity.xmp.placing import read_sidecar, sidecars_of
from identity.xmp.regions import LEAST_OVERLAP, upright_areas

LONGEST_NAME = 200
Refused = Mapping[str, Set[int]]  # samples by the names that somebody said they do not bear


class Met(StrEnum):
    """What a region meets in the gallery."""

    NAMED = "named"  # a face without a name, which gets this one
    KNOWN = "known"  # a face that has this name
    CONFLICT = "conflict"  # a face with another name, or that somebody said is not this person
    NO_FACE = "no face"  # no stored face lies there


@dataclass(frozen=True, slots=True)
class NamedRegion:
    """A region of a file that bears a name, and what it met: the sample, and what the gallery calls it."""

    path: str
    name: str
    met: Met
    sample: int | None = None
    identity: str | None = None


@dataclass(frozen=True, slots=True)
class PhotographNames:
    """The named regions of one photograph, upright, and what could not be read."""

    regions: tuple[tuple[str, Area | None], ...] = ()
    failed: tuple[tuple[str, str], ...] = ()


def read_names(path: Path) -> PhotographNames:
    """The names in a photograph's file and in the files beside it, each name and place once."""
    try:
        metadata = read_metadata(path)
    except IdentityError as error:
        return PhotographNames(failed=((str(path), str(error)),))
    packets = [(one, partial(read_sidecar, one)) for one in sidecars_of(path)]
    if metadata.xmp is not None:
        packets.append((path, partial(Packet.read, metadata.xmp)))
    found: dict[tuple[str, Area | None], None] = {}
    failed: list[tuple[str, str]] = []
    for place, packet_of in packets:
        try:
            found |= dict.fromkeys(_named(packet_of(), metadata))
        except (ValueError, OSError) as error:
            failed.append((str(place), f"its XMP cannot be read ({error}): write it again, or remove it"))
    return PhotographNames(tuple(found), tuple(failed))


def _named(packet: Packet, metadata: PictureMetadata) -> Iterator[tuple[str, Area | None]]:
    placed = upright_areas(packet, (metadata.width, metadata.height), metadata.orientation)
    for region, area in placed:
        if region.name and len(region.name) > LONGEST_NAME:
            raise ValueError(f"a name in it has more than {LONGEST_NAME} letters")
        if region.name and cleaned(region.name):
            yield cleaned(region.name), area


def names_of(image: SourceImage) -> PhotographNames:
    """The names in the file of an image and beside it; none where it is one of several in a file."""
    return PhotographNames() if image.row is not None else read_names(Path(os.fsdecode(image.path_bytes or image.path)))


@dataclass(frozen=True, slots=True)
class SeenFaces:
    """The stored faces of one photograph of this size in pixels, and what somebody said of them."""

    path: str
    size: tuple[int, int]  # width and height
    samples: Sequence[Sample]
    refused: Refused

    def meet(self, found: Sequence[tuple[str, Area | None]]) -> Iterator[NamedRegion]:
        """What each region meets there."""
        width, height = self.size
        areas = {one.id: Area.of_box(one.box, width=width, height=height) for one in self.samples}
        places = dict.fromkeys((name, _nearest(area, areas)) for name, area in found)
        told = {(cleaned(one.identity), one.id) for one in self.samples if one.identity is not None}
        claims = told | {(name, at) for name, at in places if at is not None}
        held = {one.id: one for one in self.samples}
        for name, at in places:
            if at is None:
                yield NamedRegion(self.path, name, Met.NO_FACE)
                continue
            alone = sum(one == name or other == at for one, other in claims) == 1
            yield NamedRegion(self.path, name, self._judged(held[at], name, alone=alone), at, held[at].identity)

    def _judged(self, sample: Sample, name: str, *, alone: bool) -> Met:
        """`alone`: no other face of the photograph is said to bear the name, and this one no other."""
        if sample.identity is not None:
            return Met.KNOWN if cleaned(sample.identity) == name else Met.CONFLICT
        return Met.NAMED if alone and sample.id not in self.refused.get(name, ()) else Met.CONFLICT


def _nearest(area: Area | None, areas: Mapping[int, Area]) -> int | None:
    """The face that an area overlaps most, None where it overlaps none enough."""
    if area is None or not areas:
        return None
    best = max(areas, key=lambda sample: area.overlap(areas[sample]))
    return best if area.overlap(areas[best]) >= LEAST_OVERLAP else None
