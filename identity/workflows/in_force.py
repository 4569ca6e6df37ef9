"""Which thresholds decide now: those that were stored, or what the manifest of the network says today.

Thresholds of the gallery's own, and one that a person chose, stay as they are. Those by reference points follow the
manifest, so that measuring a network again reaches every gallery, and the number of people.
"""

from __future__ import annotations

from dataclasses import replace

from identity.core.calibration import Calibration
from identity.core.errors import NotCalibratedError
from identity.core.model import ModelManifest
from identity.core.ports import GalleryStore
from identity.core.rules import published, reference
from identity.core.rules.people_points import Targets, people_thresholds

FOLLOWING = (reference.NAME, published.NAME)  # rules that decide by the manifest of today


def in_force(stored: Calibration | None, store: GalleryStore, model: ModelManifest | None) -> Calibration:
    """The thresholds that decide. Raises `NotCalibratedError` where nothing is stored and the manifest says nothing."""
    if stored is None:
        made = by_the_manifest(store, model, targets=Targets())
        if made is None:
            gallery = store.gallery.name
            raise NotCalibratedError(f"no calibration for gallery '{gallery}': run 'identity calibrate -g {gallery}'")
        return made
    people = people_thresholds(stored)
    if stored.rule not in FOLLOWING or people is None:
        return stored
    made = by_the_manifest(store, model, targets=people.targets)
    return stored if made is None else replace(made, created_at=stored.created_at)


def by_the_manifest(store: GalleryStore, model: ModelManifest | None, *, targets: Targets) -> Calibration | None:
    """By the network's reference points, else by what its publisher recommends; None where there is neither."""
    space = store.gallery.space
    if model is not None and model.operating_points:
        enrolled = reference.Enrolled(*store.count_people())
        points = model.operating_points
        return reference.reference_calibration(points, space=space, enrolled=enrolled, targets=targets)
    if model is not None and model.recommended is not None:
        return published.published_calibration(model.recommended, space=space)
    return None
