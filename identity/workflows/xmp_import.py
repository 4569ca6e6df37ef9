"""Takes names that other programs gave to faces into the gallery: a region names the stored face that it overlaps.

Photographs are known by what they show, so files may have moved. What the gallery says already is never changed: a
face that a file calls otherwise is listed, and so is every region that names no face of the gallery.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

from identity.core.clusters import ClusterPlaces
from identity.core.ports import GalleryStore
from identity.core.stopping import STOPPING
from identity.core.types import NO_ID, SourceImage
from identity.core.watching import Progress, nobody
from identity.workflows.region_names import Met, NamedRegion, Refused, SeenFaces, names_of
from identity.xmp.merging import cleaned

BATCH = 200


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
class XmpReader:
    """Reads names into one gallery. `refused` are samples by the names that somebody said they do not bear."""

    store: GalleryStore
    refused: Refused

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
            read = {image.name: (image, names_of(image)) for image in batch if image.error is None}
            failed += [one for _, reading in read.values() for one in reading.failed]
            named = [(image, reading.regions) for image, reading in read.values() if reading.regions]
            seen = {one.content: one for one in self.store.images_with([image.content for image, _ in named])}
            unknown += [image.name for image, _ in named if image.content not in seen]
            for image, found in named:
                if image.content in seen:
                    held = seen[image.content]
                    faces = SeenFaces(image.name, (held.width, held.height), held.samples, self.refused)
                    regions += faces.meet(found)
            on_progress(len(batch))
        if not dry_run:
            self._write(regions)
        gallery = self.store.gallery.name
        return XmpImport(gallery, not dry_run, count, tuple(regions), tuple(unknown), tuple(failed))

    def _write(self, regions: Iterable[NamedRegion]) -> None:
        by_name: dict[str, list[int]] = defaultdict(list)
        for one in regions:
            if one.met is Met.NAMED and one.sample is not None:
                by_name[one.name].append(one.sample)
        for name, samples in by_name.items():
            self.store.relabel(samples, name)


def refused_names(state: ClusterPlaces, names: Mapping[int, str]) -> dict[str, set[int]]:
    """Samples by the names that somebody said they do not bear."""
    parties: dict[int, list[int]] = defaultdict(list)
    for sample, party in zip(state.ids.tolist(), state.parties.tolist(), strict=True):
        parties[party].append(sample)
    told = dict(zip(state.ids.tolist(), state.identities.tolist(), strict=True))
    pairs = [(party, told.get(sample, NO_ID)) for party, sample in state.refused_samples.tolist()]
    refused: dict[str, set[int]] = defaultdict(set)
    for party, identity in [*state.refused_identities.tolist(), *pairs]:
        if identity in names:
            refused[cleaned(names[identity])].update(parties[party])
    return refused
