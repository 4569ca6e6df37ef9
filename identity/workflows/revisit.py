"""A second look at images that the gallery has: a label that came since names them, a file that moved is followed.

Nothing is embedded for it. A name that somebody gave is never replaced: a label that says otherwise is listed.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field

from identity.core.ports import GalleryStore
from identity.core.revision import KnownImage, LabelConflict, Revision
from identity.core.shown import bytes_of_name, shown_name
from identity.core.types import Region, Sample, SourceImage
from identity.workflows.enrol_samples import Policy
from identity.workflows.image_paths import MEMORY, absolute, file_of


@dataclass(slots=True)
class Revisited:
    """What a second look found: how many samples got a name, how many files were followed, and what contradicts."""

    named: int = 0
    moved: int = 0
    conflicts: list[LabelConflict] = field(default_factory=list)


@dataclass(slots=True)
class _Look:
    """What is to be written of a batch, as its images are gone through one by one."""

    policy: Policy
    moved: int = 0
    paths: dict[int, tuple[str, bytes | None]] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    conflicts: list[LabelConflict] = field(default_factory=list)

    def take(self, image: SourceImage, known: KnownImage) -> None:
        """Compare one image with what the store has of it."""
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


def revisit(images: Iterable[SourceImage], *, store: GalleryStore, policy: Policy) -> Revisited:
    """Write what images of known content say anew: names where there was none, paths where the file moved."""
    seen = list(images)
    known = {one.content: one for one in store.known_images([image.content for image in seen])} if seen else {}
    look = _Look(policy)
    for image in seen:
        if image.content in known:
            look.take(image, known[image.content])
    revision = Revision(look.paths, look.names)
    named = store.revise(revision) if revision else 0
    return Revisited(named, look.moved, look.conflicts)


def _is_left_behind(known: KnownImage, before: str) -> bool:
    """Whether nothing is where an image was seen; a row of a file that travelled has no place it was seen at."""
    travelled = known.row is not None and not os.path.isabs(os.fsdecode(known.path))  # noqa: PTH117
    return not travelled and not os.path.lexists(before)


def _chosen(image: SourceImage, known: KnownImage, policy: Policy) -> Sample | None:
    """The sample that enrolment would give the name to."""
    regions = [Region(sample.box, sample.score) for sample in known.samples]
    taken, _ = policy.pick(image, regions)
    return next((s for s in known.samples if taken and s.box == taken[0].box), None)
