"""A second look at images that the gallery has: a label that came since names them, a file that moved is followed.

Nothing is embedded for it. A name that somebody gave is never replaced: a label that says otherwise is listed.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field

from identity.core.revision import KnownImage, LabelConflict, Revision
from identity.core.shown import bytes_of_name, shown_name
from identity.core.types import Region, Sample, SourceImage
from identity.workflows.enrol_samples import Policy
from identity.workflows.image_paths import MEMORY, absolute, file_of


@dataclass(slots=True)
class Revisit:
    """A `SecondLook` at images of known content: names where there was none, paths where the file moved.

    Afterwards it holds how many files `moved`, which samples got `names`, and the `conflicts`.
    """

    images: Sequence[SourceImage]
    policy: Policy
    moved: int = 0
    paths: dict[int, tuple[str, bytes | None]] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    conflicts: list[LabelConflict] = field(default_factory=list)

    @property
    def contents(self) -> Sequence[bytes]:
        """Contents of the images."""
        return [image.content for image in self.images]

    def __call__(self, known: Sequence[KnownImage]) -> Revision:
        """Go through the images one by one."""
        self.moved, self.paths, self.names, self.conflicts = 0, {}, {}, []
        by_content = {one.content: one for one in known}
        for image in self.images:
            if image.content in by_content:
                self._take(image, by_content[image.content])
        return Revision(self.paths, self.names)

    def _take(self, image: SourceImage, known: KnownImage) -> None:
        self._follow(image, known)
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

    def _name(self, image: SourceImage, label: str, known: KnownImage) -> None:
        chosen = _chosen(image, known, self.policy)
        name = None if chosen is None else self.names.get(chosen.id, chosen.identity)
        if chosen is None or name is not None:
            self.conflicts.append(LabelConflict(image.name, label, None if chosen is None else chosen.id, name))
        else:
            self.names[chosen.id] = label


def _is_left_behind(known: KnownImage, before: str) -> bool:
    """Whether nothing is where an image was seen; a row of a file that travelled has no place it was seen at."""
    travelled = known.row is not None and not os.path.isabs(os.fsdecode(known.path))  # noqa: PTH117
    return not travelled and not os.path.lexists(before)


def _chosen(image: SourceImage, known: KnownImage, policy: Policy) -> Sample | None:
    """The sample that enrolment would give the name to."""
    regions = [Region(sample.box, sample.score) for sample in known.samples]
    taken, _ = policy.pick(image, regions)
    return next((s for s in known.samples if taken and s.box == taken[0].box), None)
