"""Puts the names of people beside their photographs or into the files, as programs for photographs read them.

A file that is gone, or shows something else than it did, is left alone and named: a name that is written into the wrong
photograph is worse than none.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from identity.core.errors import IdentityError
from identity.core.ports import GalleryStore
from identity.core.shown import shown_name
from identity.core.stopping import STOPPING
from identity.core.types import SeenImage
from identity.core.watching import Progress, nobody
from identity.imaging.metadata import PictureMetadata, read_metadata
from identity.workflows.batches import Waiting, map_in_threads
from identity.xmp.areas import Area, stored_area
from identity.xmp.merging import KEYWORDS, Disagreement, NamedFace, has_regions_of, merge
from identity.xmp.names import REGION_INFO
from identity.xmp.packet import Packet
from identity.xmp.placing import can_embed, embed, read_sidecar, sidecar_of, write_sidecar

PAGE = 500
WORKERS = 2


class Way(StrEnum):
    """Where the names of a photograph go."""

    SIDECAR = "sidecar"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class XmpRequest:
    """Whether names go into the files, which need not be (`dry_run`), and whether a changed file is kept as it was."""

    into_files: bool = False
    dry_run: bool = False
    keep_originals: bool = True


@dataclass(frozen=True, slots=True)
class NamedPhotograph:
    """What becomes of one photograph. `packet` is what is to be written, None where there is nothing to do."""

    path: Path
    names: tuple[str, ...]
    way: Way = Way.SIDECAR
    format: str = ""
    content: bytes = b""
    packet: bytes | None = None
    disagreements: tuple[Disagreement, ...] = ()
    problem: str | None = None

    @property
    def target(self) -> Path:
        """The file that is written."""
        return self.path if self.way is Way.FILE else sidecar_of(self.path)


@dataclass(frozen=True, slots=True)
class XmpExport:
    """Every photograph that is named, was named before, or should be and cannot."""

    gallery: str
    written: bool
    photographs: tuple[NamedPhotograph, ...]


@dataclass(frozen=True, slots=True)
class XmpWriter:
    """Writes one gallery's names. `content_of` gives the digest of what a file shows, None where it shows nothing.

    `proposed` are names by sample that nobody confirmed; they are written like the others.
    """

    store: GalleryStore
    content_of: Callable[[Path], bytes | None]
    proposed: Mapping[int, str]
    request: XmpRequest

    def run(self, *, on_progress: Progress = nobody) -> XmpExport:
        """Plan every photograph, and write it unless nothing is to be written yet."""
        done: list[NamedPhotograph] = []
        waiting: Waiting[SeenImage, NamedPhotograph | None] = deque()
        for _, planned in map_in_threads(self._images(), self._planned, workers=WORKERS, waiting=waiting):
            STOPPING.check()
            if planned is not None:
                done.append(planned if self.request.dry_run else self._carried_out(planned))
            on_progress(1)
        return XmpExport(self.store.gallery.name, not self.request.dry_run, tuple(done))

    def _images(self) -> Iterator[SeenImage]:
        after = 0
        while page := self.store.seen_images(after=after, limit=PAGE):
            yield from page
            after = page[-1].id

    def _planned(self, image: SeenImage) -> NamedPhotograph | None:
        """What is to be done; None where the gallery has nothing to say of a photograph, and never had."""
        path = Path(os.fsdecode(image.path))
        names = self._names(image)
        if not names and not self.request.into_files and not sidecar_of(path).is_file():
            return None
        shown = tuple(dict.fromkeys(names.values()))
        problem = self._problem(image, path)
        if problem is not None:
            return NamedPhotograph(path, shown, problem=problem) if names else None
        try:
            return self._merged(image, path, names)
        except (IdentityError, OSError, ValueError) as error:
            return NamedPhotograph(path, shown, problem=" ".join(str(error).split()))

    def _names(self, image: SeenImage) -> dict[int, str]:
        """Names by sample, from left to right."""
        placed = sorted(image.samples, key=lambda one: (one.box.x1, one.id))
        told = {one.id: one.identity or self.proposed.get(one.id) for one in placed}
        return {sample: name for sample, name in told.items() if name is not None}

    def _problem(self, image: SeenImage, path: Path) -> str | None:
        if image.row is not None:
            return "it lies in an IDX file, which has no place for names"
        if not path.is_file():
            return "the file is gone: enroll it where it is now"
        if self.content_of(path) != image.content:
            return "the file shows something else by now: enroll it again"
        return None

    def _merged(self, image: SeenImage, path: Path, names: Mapping[int, str]) -> NamedPhotograph | None:
        metadata = read_metadata(path)
        way = Way.FILE if self.request.into_files and can_embed(metadata.format) else Way.SIDECAR
        packet = _packet(path, metadata, way)
        if not names and not has_regions_of(packet, self.store.gallery.uuid):
            return None
        before = packet.written()
        boxes = {one.id: Area.of_box(one.box, width=image.width, height=image.height) for one in image.samples}
        faces = [NamedFace(one, name, stored_area(boxes[one], metadata.orientation)) for one, name in names.items()]
        contested = merge(packet, faces, (metadata.width, metadata.height), gallery=self.store.gallery.uuid)
        left_out = {one.sample for one in contested}
        shown = tuple(dict.fromkeys(face.name for face in faces if face.sample not in left_out))
        after = packet.written()
        changed = None if after == before else after
        return NamedPhotograph(path, shown, way, metadata.format, image.content, changed, tuple(contested))

    def _carried_out(self, planned: NamedPhotograph) -> NamedPhotograph:
        if planned.packet is None:
            return planned
        keep = self.request.keep_originals
        try:
            if planned.way is Way.SIDECAR:
                write_sidecar(planned.path, planned.packet, keep_original=keep)
            else:
                embed(
                    planned.path, planned.packet, planned.format, keep_original=keep,
                    is_same=lambda copy: self.content_of(copy) == planned.content,
                )  # fmt: skip
        except (IdentityError, OSError, ValueError) as error:
            said = f"{shown_name(planned.target)} cannot be written ({' '.join(str(error).split())})"
            return NamedPhotograph(planned.path, planned.names, planned.way, problem=said)
        return planned


def _packet(path: Path, metadata: PictureMetadata, way: Way) -> Packet:
    """What the file to be written says so far. A sidecar that is new begins with what the photograph itself says."""
    sidecar = sidecar_of(path)
    if way is Way.SIDECAR and sidecar.is_file():
        return read_sidecar(sidecar)
    there = Packet.empty() if metadata.xmp is None else Packet.read(metadata.xmp)
    return there if way is Way.FILE else _about_people(there)


def _about_people(packet: Packet) -> Packet:
    """Only the properties that names go into: whatever else a file says, it goes on saying itself."""
    taken = Packet.empty()
    taken.prefixes.update(packet.prefixes)
    for property_ in (REGION_INFO, *(name for name, _, _ in KEYWORDS)):
        if (node := packet.find(property_)) is not None:
            taken.put(property_, node)
    return taken
