"""Measure a gallery of people on photographs whose truth is known: pairs, searches, and both by group."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from identity.core.errors import NotCalibratedError, UsageError
from identity.core.face_selection import only_largest
from identity.core.ports import GalleryStore
from identity.core.rules.people_points import people_thresholds
from identity.core.shown import shown_name
from identity.core.types import NO_ID, SourceImage, Vectors
from identity.workflows.batches import batches
from identity.workflows.contents import StoredContents
from identity.workflows.csv_rows import CsvRows
from identity.workflows.deciding import SearchContext
from identity.workflows.describe import Described, Pipeline
from identity.workflows.evaluate.pair_metrics import (
    Curve,
    PairFigures,
    SearchFigures,
    pair_figures,
    search_figures,
)
from identity.workflows.evaluate.probe_table import ProbeTable, judge

NO_GROUP = "(none)"
CHUNK_IMAGES = 32
Progress = Callable[[int], None]


@dataclass(slots=True)
class LargestFaces:
    """A pipeline of which only the largest face of each photograph comes out; its vector is remembered."""

    pipeline: Pipeline
    vectors: list[NDArray[np.float32] | None] = field(default_factory=list)

    def describe(self, images: Sequence[SourceImage]) -> list[list[Described]]:
        """At most one region per image."""

        largest = only_largest(images, self.pipeline.regions(images))
        described = self.pipeline.embed(self.pipeline.align(images, largest))
        self.vectors += [row[0].vector if row else None for row in described]
        return described


@dataclass(frozen=True, slots=True)
class Photographs:
    """Photographs of one source, with their vectors (n, dim); those without a face are only counted."""

    judged: ProbeTable
    rows: NDArray[np.intp]  # of `judged`, those with a face
    vectors: Vectors
    no_face: int

    @property
    def labels(self) -> NDArray[np.str_]:
        """Whom they show (n,)."""
        return self.judged.truth[self.rows]


@dataclass(frozen=True, slots=True)
class PeopleEvaluation:
    """All figures. `enrolled` photographs were left out: the gallery has them."""

    pairs: PairFigures
    search: SearchFigures
    groups: Mapping[str, tuple[PairFigures, SearchFigures]]
    curve: Curve
    known: Photographs
    unknown: tuple[Photographs, ...]
    enrolled: int
    failed: tuple[SourceImage, ...] = ()  # those that could not be read


def evaluate_people(
    known: Iterable[SourceImage],
    unknown: Sequence[Iterable[SourceImage]],
    *,
    pipeline: Pipeline,
    store: GalleryStore,
    context: SearchContext,
    groups: Mapping[str, str],
    on_progress: Progress,
) -> PeopleEvaluation:
    """Judge labelled photographs, and strangers where there are some; by group where `groups` names them.

    Raises `UsageError` where no label is an identity of the gallery or nothing new is left to judge.
    """
    if people_thresholds(context.calibration) is None:
        raise NotCalibratedError("these thresholds were not made for people: run 'identity calibrate' on this gallery")
    fresh = _NotEnrolled(store)
    failed: list[SourceImage] = []
    look = partial(_photographs, pipeline=pipeline, context=context, on_progress=on_progress, on_failure=failed.append)
    ours = look(fresh.of(known))
    if not np.isin(ours.labels, list(context.names.values())).any():
        raise UsageError("no label of the known photographs is an identity of the gallery: check --known and --gallery")
    theirs = tuple(look(fresh.of(images)) for images in unknown)
    everyone = np.ones(len(ours.rows), bool)
    of_group = _groups_of(ours, groups) if groups else np.empty(0, object)
    figures = {str(group): _figures(ours, theirs, context, of_group == group) for group in np.unique(of_group)}
    pairs, search, curve = _figures(ours, theirs, context, everyone)
    by_group = {group: (one, other) for group, (one, other, _) in figures.items()}
    return PeopleEvaluation(pairs, search, by_group, curve, ours, theirs, fresh.enrolled, tuple(failed))


@dataclass(slots=True)
class _NotEnrolled:
    """Leaves out photographs that the gallery has, and counts them: they would be found at distance 0."""

    store: GalleryStore
    enrolled: int = 0

    def of(self, images: Iterable[SourceImage]) -> Iterator[SourceImage]:
        stored = StoredContents(self.store)
        for batch in batches(images, size=CHUNK_IMAGES):
            chunk = stored.of(batch)
            seen = self.store.known_contents([image.content for image in chunk if image.error is None])
            self.enrolled += sum(image.content in seen for image in chunk)
            yield from (image for image in chunk if image.content not in seen)


def _photographs(
    images: Iterable[SourceImage],
    *,
    pipeline: Pipeline,
    context: SearchContext,
    on_progress: Progress,
    on_failure: Callable[[SourceImage], None],
) -> Photographs:
    faces = LargestFaces(pipeline)
    judged = judge(images, pipeline=faces, context=context, on_progress=on_progress, on_failure=on_failure)
    rows = np.flatnonzero([vector is not None for vector in faces.vectors])
    dim = pipeline.embedder.dim
    vectors = np.array([one for one in faces.vectors if one is not None], np.float32).reshape(-1, dim)
    return Photographs(judged, rows, vectors, len(faces.vectors) - len(rows))


def _figures(
    ours: Photographs, theirs: Sequence[Photographs], context: SearchContext, chosen: NDArray[np.bool_]
) -> tuple[PairFigures, SearchFigures, Curve]:
    points = people_thresholds(context.calibration)
    assert points is not None
    judged, rows, named = ours.judged, ours.rows[chosen], (ours.labels != "") & chosen
    pairs, curve = pair_figures(ours.vectors[named], ours.labels[named], threshold=points.verify.threshold)
    strangers = [one.judged.score[one.rows] for one in theirs] or [_scores_as_strangers(ours, context)[chosen]]
    correct = judged.nearest[rows] == judged.truth[rows]
    known = judged.score[rows]
    return pairs, search_figures(known, correct, np.concatenate(strangers), left_out=not theirs), curve


def _scores_as_strangers(ours: Photographs, context: SearchContext) -> NDArray[np.float64]:
    """Scores of the known people (n,) as strangers: their own identity does not count."""
    ids = {name: identity for identity, name in context.names.items()}
    own = np.array([ids.get(label, NO_ID) for label in ours.labels.tolist()], np.int64)
    return np.concatenate([scores for _, _, scores in context.scored(ours.vectors, apart=own)]).astype(np.float64)


def _groups_of(ours: Photographs, groups: Mapping[str, str]) -> NDArray[np.object_]:
    """The group of each photograph (n,): by its path, else by the end of its path, else by whom it shows."""
    images = [ours.judged.images[int(row)] for row in ours.rows]
    found = [_group(image, label, groups) for image, label in zip(images, ours.labels, strict=True)]
    return np.array(found, dtype=object)


def _group(image: SourceImage, label: str, groups: Mapping[str, str]) -> str:
    path = Path(image.path)
    keys = (image.path, str(Path(*path.parts[-2:])), path.name, label)
    return next((groups[key] for key in keys if key in groups), NO_GROUP)


def read_groups(path: Path) -> dict[str, str]:
    """Path or identity -> group, from a CSV file of two columns; a header line is skipped.

    Raises `UsageError` where it is no such file.
    """
    groups: dict[str, str] = {}
    rows, count = CsvRows(path), 0
    for count, values in enumerate(rows, start=1):
        if len(values) != 2:
            raise UsageError(f"{rows.where} has {len(values)} columns: write two, path or identity, and group")
        key, group = values[0].strip(), values[1].strip()
        if count > 1 or group.lower() != "group":
            groups[key] = sys.intern(group)
    if not count:
        raise UsageError(f"{shown_name(path)} names no groups: write two columns, path or identity, and group")
    return groups
