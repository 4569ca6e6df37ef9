"""Takes names that other programs gave to faces into the gallery: a region names the stored face that it overlaps.

Photographs are known by what they show, so files may have moved. What the gallery says already is never changed: a
face that a file calls otherwise is listed, and so is every region that names no face of the gallery.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from itertools import islice
from pathlib import Path

from identity.core.clusters import ClusterState
from identity.core.errors import IdentityError
from identity.core.ports import GalleryStore
from identity.core.stopping import STOPPING
from identity.core.types import NO_ID, Sample, SeenImage, SourceImage
from identity.core.watching import Progress, nobody
from identity.imaging.metadata import PictureMetadata, read_metadata
from identity.xmp.areas import Area
from identity.xmp.merging import cleaned
from identity.xmp.packet import Packet
from identity.xmp.placing import read_sidecar, sidecars_of
from identity.xmp.regions import LEAST_OVERLAP, upright_areas

BATCH = 200
LONGEST_NAME = 200


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
class XmpImport:
    """What was read. `unknown` are photographs with names that the gallery has not seen, `failed` files and why."""

    gallery: str
    written: bool
    images: int
    regions: tuple[NamedRegion, ...]
    unknown: tuple[str, ...]
    failed: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """The named regions of one photograph, upright, and what could not be read."""

    regions: tuple[tuple[str, Area | None], ...] = ()
    failed: tuple[tuple[str, str], ...] = ()


def read_names(path: Path) -> Reading:
    """The names in a photograph's file and in the files beside it, each name and place once."""
    try:
        metadata = read_metadata(path)
    except IdentityError as error:
        return Reading(failed=((str(path), str(error)),))
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
    return Reading(tuple(found), tuple(failed))


def _named(packet: Packet, metadata: PictureMetadata) -> Iterator[tuple[str, Area | None]]:
    placed = upright_areas(packet, (metadata.width, metadata.height), metadata.orientation)
    for region, area in placed:
        if region.name and len(region.name) > LONGEST_NAME:
            raise ValueError(f"a name in it has more than {LONGEST_NAME} letters")
        if region.name and cleaned(region.name):
            yield cleaned(region.name), area


@dataclass(frozen=True, slots=True)
class XmpReader:
    """Reads names into one gallery. `refused` are samples by the names that somebody said they do not bear."""

    store: GalleryStore
    refused: Mapping[str, Set[int]]

    def run(self, images: Iterable[SourceImage], *, dry_run: bool, on_progress: Progress = nobody) -> XmpImport:
        """Match every region, then write the names of faces that had none, unless nothing is to be written."""
        regions: list[NamedRegion] = []
        unknown: list[str] = []
        failed: list[tuple[str, str]] = []
        count, source = 0, iter(images)
        while batch := list(islice(source, BATCH)):
            STOPPING.check()
            count += len(batch)
            failed += [(image.name, image.error) for image in batch if image.error is not None]
            read = {image.name: (image, _reading(image)) for image in batch if image.error is None}
            failed += [one for _, reading in read.values() for one in reading.failed]
            named = [(image, reading.regions) for image, reading in read.values() if reading.regions]
            seen = {one.content: one for one in self.store.images_with([image.content for image, _ in named])}
            unknown += [image.name for image, _ in named if image.content not in seen]
            for image, found in named:
                if image.content in seen:
                    regions += self._met(image.name, found, seen[image.content])
            on_progress(len(batch))
        if not dry_run:
            self._write(regions)
        gallery = self.store.gallery.name
        return XmpImport(gallery, not dry_run, count, tuple(regions), tuple(unknown), tuple(failed))

    def _met(self, path: str, found: Sequence[tuple[str, Area | None]], image: SeenImage) -> Iterator[NamedRegion]:
        """What each region of a photograph meets there."""
        areas = {one.id: Area.of_box(one.box, width=image.width, height=image.height) for one in image.samples}
        places = dict.fromkeys((name, _nearest(area, areas)) for name, area in found)
        told = {(cleaned(one.identity), one.id) for one in image.samples if one.identity is not None}
        claims = told | {(name, at) for name, at in places if at is not None}
        held = {one.id: one for one in image.samples}
        for name, at in places:
            if at is None:
                yield NamedRegion(path, name, Met.NO_FACE)
                continue
            alone = sum(one == name or other == at for one, other in claims) == 1
            yield NamedRegion(path, name, self._judged(held[at], name, alone=alone), at, held[at].identity)

    def _judged(self, sample: Sample, name: str, *, alone: bool) -> Met:
        """`alone`: no other face of the photograph is said to bear the name, and this one no other."""
        if sample.identity is not None:
            return Met.KNOWN if cleaned(sample.identity) == name else Met.CONFLICT
        return Met.NAMED if alone and sample.id not in self.refused.get(name, ()) else Met.CONFLICT

    def _write(self, regions: Iterable[NamedRegion]) -> None:
        by_name: dict[str, list[int]] = defaultdict(list)
        for one in regions:
            if one.met is Met.NAMED and one.sample is not None:
                by_name[one.name].append(one.sample)
        for name, samples in by_name.items():
            self.store.relabel(samples, name)


def refused_names(state: ClusterState, names: Mapping[int, str]) -> dict[str, set[int]]:
    """Samples by the names that somebody said they do not bear."""
    parties: dict[int, list[int]] = defaultdict(list)
    for sample, party in zip(state.labelled.ids.tolist(), state.parties.tolist(), strict=True):
        parties[party].append(sample)
    told = dict(zip(state.labelled.ids.tolist(), state.labelled.identities.tolist(), strict=True))
    pairs = [(party, told.get(sample, NO_ID)) for party, sample in state.refused_samples.tolist()]
    refused: dict[str, set[int]] = defaultdict(set)
    for party, identity in [*state.refused_identities.tolist(), *pairs]:
        if identity in names:
            refused[cleaned(names[identity])].update(parties[party])
    return refused


def _reading(image: SourceImage) -> Reading:
    return Reading() if image.row is not None else read_names(Path(os.fsdecode(image.path_bytes or image.path)))


def _nearest(area: Area | None, areas: Mapping[int, Area]) -> int | None:
    """The face that an area overlaps most, None where it overlaps none enough."""
    if area is None or not areas:
        return None
    best = max(areas, key=lambda sample: area.overlap(areas[sample]))
    return best if area.overlap(areas[best]) >= LEAST_OVERLAP else None
