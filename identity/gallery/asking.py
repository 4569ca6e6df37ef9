"""Questions about images that are read already, however they came: what `Gallery.query` and `Gallery.verify` ask."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from identity.core.answers import ProbeVerdict
from identity.core.calibration import Calibration
from identity.core.types import SourceImage
from identity.gallery.parts import GalleryParts
from identity.workflows import query as querying

if TYPE_CHECKING:
    from identity.workflows.verify import Verification


@dataclass(frozen=True, slots=True)
class Asked:
    """The answers, as they are made, and the thresholds that were in force when they were asked for."""

    calibration: Calibration
    answers: Iterator[ProbeVerdict]


def ask(
    gallery: GalleryParts, read: Callable[[], Iterator[SourceImage]], *, k: int, threshold: float | None
) -> Asked:
    """One answer per image, in order; what is missing is said before the first image is read."""
    contexts = partial(gallery.search_context, threshold=threshold)
    calibration = contexts().calibration
    answers = querying.query(
        read(), pipeline=gallery.pipeline, store=gallery.store, contexts=contexts, k=k, domain=gallery.domain
    )
    return Asked(calibration, answers)


def compare(gallery: GalleryParts, first: SourceImage, second: SourceImage, *, threshold: float | None) -> Verification:
    """Whether two photographs show the same person, by the largest face of each."""
    from identity.workflows.verify import verify

    thresholds = gallery.calibration(threshold=threshold)
    return verify((first, second), pipeline=gallery.pipeline, calibration=thresholds, gallery=gallery.name)
