"""What a picture of thresholds shows of a gallery of people: its own pairs, and what each line means."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from textwrap import wrap
from typing import Any

import numpy as np

from identity.core.calibration import Calibration, ChosenPoint
from identity.core.pair_distances import count_pairs, faces_of
from identity.core.ports import GalleryStore
from identity.core.rules.people_points import PeopleThresholds
from identity.core.types import NO_ID, Role
from identity.plots import people_thresholds
from identity.plots.people_thresholds import ThresholdLine

SEED = 0
NOTE_LETTERS = 110  # in a line under the picture


def draw_people(
    store: GalleryStore,
    calibration: Calibration,
    points: PeopleThresholds,
    *,
    path: Path,
    unknown_scores: Mapping[str, Any] | None,
) -> None:
    """Draw distances of the gallery's pairs, with the thresholds. Raises `UsageError` where nobody is named."""
    _, labelled = store.all_vectors(Role.GALLERY)
    seen_in = store.photographs(labelled.ids.tolist())
    photographs = np.array([seen_in.get(sample, NO_ID) for sample in labelled.ids.tolist()], np.int64)
    counts = count_pairs(faces_of(labelled, photographs, np.random.default_rng(SEED)))
    people_thresholds.draw(
        counts.histogram,
        counts.mated_histogram,
        lines_of(points, calibration),
        note=_origins(points),
        path=path,
        unknown_scores=unknown_scores,
    )


def lines_of(points: PeopleThresholds, calibration: Calibration) -> list[ThresholdLine]:
    """The thresholds, each with what it decides; one where they are the same."""
    if points.verify.threshold == points.uncertain.threshold == points.search.threshold:
        return [ThresholdLine(points.verify.threshold, f"same person, known ({points.remark})")]
    own = [entry.threshold for entry in calibration.classes.values()]
    reach = (min(own), max(own)) if own and min(own) < max(own) else None
    single = f", of single people {reach[0]:.3f} to {reach[1]:.3f}" if reach else ""
    verify, uncertain, search = points.verify, points.uncertain, points.search
    return [
        ThresholdLine(verify.threshold, f"verify: same up to here{_rate(verify, 'FMR')}"),
        ThresholdLine(uncertain.threshold, f"verify: different beyond, uncertain between{_rate(uncertain, 'FMR')}"),
        ThresholdLine(search.threshold, f"search: known up to here{_rate(search, 'FPIR')}{single}", reach),
    ]


def _rate(point: ChosenPoint, name: str) -> str:
    if point.target is None:
        return ""
    doubt = ", insufficient data" if not point.enough and point.reference is None else ""
    return f" ({name} {point.target:.2g}{doubt})"


def _origins(points: PeopleThresholds) -> str:
    """Where the thresholds come from; the pairs are the gallery's own in any case."""
    pairs, search = _origin(points.verify), _origin(points.search)
    said = [f"Thresholds: {pairs}."] if pairs == search else [f"Of pairs: {pairs}.", f"Of searches: {search}."]
    lines = ["Drawn: pairs of this gallery's photographs. FMR and FNMR as in ISO/IEC 19795.", *said]
    return "\n".join(part for line in lines for part in wrap(line, NOTE_LETTERS))


def _origin(point: ChosenPoint) -> str:
    return "measured on these pairs" if point.reference is None else point.reference.origin
