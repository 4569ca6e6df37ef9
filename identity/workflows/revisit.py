"""A second look at images that the gallery has: a label that came since names them, a file that moved is followed.

Nothing is embedded for it. A name that somebody gave is never replaced: a label that says otherwise is listed.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace

from identity.core.revision import KnownImage, LabelConflict, Revision
from identity.core.shown import bytes_of_name, shown_name
from identity.core.types import Region, Sample, SourceImage
from identity.workflows.enrol_samples import Policy
from identity.workflows.image_paths import MEMORY, absolute, file_of
from identity.workflows.region_names import Met, Refused, SeenFaces
from identity.xmp.areas import Area


@dataclass(slots=True)
class Revisit:
    """A `SecondLook` at images of known content: names where there was none, paths where the file moved.

    `regions` are named parts of images by content; images whose content is `fresh` come with this batch.
    Afterwards it holds how many files `moved`, which samples got `names`, how many of them only now (`named_since`),
    and the `conflicts`.
    """

    images: Sequence[SourceImage]
    policy: Policy
    regions: Mapping[bytes, Sequence[tuple[str, Area | None]]] = field(default_factory=dict)
    refused: Refused = field(default_factory=dict)
    fresh: Set[bytes] = frozenset()
    moved: int = 0
    named_since: int = 0
    paths: dict[int, tuple[str, bytes | None]] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    conflicts: list[LabelConflict] = field(default_factory=list)

    @property
    def contents(self) -> Sequence[bytes]:
        """Contents of the images."""
        return [image.content for image in self.images]

    def __call__(self, known: Sequence[KnownImage]) -> Revision:
        """Go through the images one by one."""
        self.moved, self.named_since, self.paths, self.names, self.conflicts = 0, 0, {}, {}, []
        by_content = {one.content: one for one in known}
        for image in self.images:
            if image.content in by_content:
                self._take(image, by_content[image.content])
        return Revision(self.paths, self.names)

    def _take(self, image: SourceImage, known: KnownImage) -> None:
        self._follow(image, known)
        before = len(self.names)
        self._name_faces(image, known)
        self.named_since += len(self.names) - before if image.content not in self.fresh else 0
        label = self.policy.name(image)
        called = {self.names.get(sample.id, sample.identity) for sample in known.samples}
        if label is not None and known.samples and label not in called:
            self._name(image, label, known)

    def _follow(self, image: SourceImage, known: KnownImage) -> None:
        file = file_of(image)
        if file is None or known.id in self.paths or os.fsdecode(known.path) == file:
            return
        before = absolute(known.path)
        if before != file and not _is_left_behind(known, before):
            return
        self.paths[known.id] = shown_name(file), bytes_of_name(file)
        self.moved += before != file and known.path != MEMORY

    def _name_faces(self, image: SourceImage, known: KnownImage) -> None:
        held = [replace(sample, identity=self.names.get(sample.id, sample.identity)) for sample in known.samples]
        faces = SeenFaces(image.name, (image.width, image.height), held, self.refused)
        for one in faces.meet(self.regions.get(image.content, ())):
            if one.met is Met.NAMED and one.sample is not None:
                self.names[one.sample] = one.name
            elif one.met is not Met.KNOWN:
                self.conflicts.append(LabelConflict(image.name, one.name, one.sample, one.identity))

    def _name(self, image: SourceImage, label: str, known: KnownImage) -> None:
        chosen = _chosen(image, known, self.policy)
        name = None if chosen is None else self.names.get(chosen.id, chosen.identity)
        if chosen is None or name is not None:
            self.conflicts.append(LabelConflict(image.name, label, None if chosen is None else chosen.id, name))
        else:
            self.names[chosen.id] = label
            self.named_since += 1


def _is_left_behind(known: KnownImage, before: str) -> bool:
    """Whether nothing is where an image was seen; a row of a file that travelled has no place it was seen at."""
    travelled = known.row is not None and not os.path.isabs(os.fsdecode(known.path))  # noqa: PTH117
    return not travelled and not os.path.lexists(before)


def _chosen(image: SourceImage, known: KnownImage, policy: Policy) -> Sample | None:
    """The sample that enrolment would give the name to."""
    regions = [Region(sample.box, sample.score) for sample in known.samples]
    taken, _ = policy.pick(image, regions)
    return next((s for s in known.samples if taken and s.box == taken[0].box), None)
