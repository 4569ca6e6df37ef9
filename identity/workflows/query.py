"""Ask a gallery who an image shows: describe, search, decide, fetch what a person wants to read, and confirm.

An answer is of one state of the gallery: where somebody changed it between search and naming, it is made again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Protocol

import numpy as np

from identity.core.answers import Candidate, Match, ProbeVerdict, RegionVerdict, Verdict
from identity.core.claims import Claims, nearest_samples
from identity.core.domain import Domain
from identity.core.errors import GalleryChangedError, IndexFileError
from identity.core.ports import GalleryStore
from identity.core.types import NO_ID, Box, Sample, SourceImage, Vectors
from identity.core.verdict import Decisions
from identity.workflows.batches import batches
from identity.workflows.confirmation import grounds, hold
from identity.workflows.deciding import CANDIDATES, SearchContext
from identity.workflows.describe import Described, Pipeline
from identity.workflows.likeness import with_clusters

BATCH_IMAGES = 256
FIRST_PIXELS = 2**16  # of the first batch: one photograph of 250 x 250, whose answer comes at once; 84 digits
ATTEMPTS = 20  # at an answer while others keep changing the gallery


class Contexts(Protocol):
    """Gives the context of now."""

    def __call__(self, *, rebuilt: bool = False) -> SearchContext:
        """The context; `rebuilt`: with an index made anew from the table."""
        ...


def query(
    images: Iterable[SourceImage],
    *,
    pipeline: Pipeline,
    store: GalleryStore,
    contexts: Contexts,
    k: int,
    domain: Domain,
) -> Iterator[ProbeVerdict]:
    """One answer per image, in order; `k` matches are shown with each region.

    Raises `GalleryChangedError` where others change the gallery faster than it can be asked, `IndexFileError` where
    the index goes on disagreeing with the table.
    """
    for batch in batches(images, size=BATCH_IMAGES, pixels=FIRST_PIXELS):
        described = pipeline.describe(batch)
        verdicts = _verdicts([part for row in described for part in row], store, contexts, k, domain)
        for image, row in zip(batch, described, strict=True):
            reason = None if row or image.error else domain.nothing_found
            yield ProbeVerdict(image, one_face_each(list(islice(verdicts, len(row)))), reason)


def one_face_each(regions: Sequence[RegionVerdict]) -> tuple[RegionVerdict, ...]:
    """If a photograph shows several faces, at most one gets the label: the nearer; the others become ambiguous."""
    nearest: dict[str, float] = {}
    for region in regions:
        if region.identity is not None:
            distance = region.candidates[0].distance
            nearest[region.identity] = min(distance, nearest.get(region.identity, distance))
    return tuple(
        replace(region, verdict=Verdict.AMBIGUOUS, reason=f"another face of this photograph is nearer to {name}")
        if (name := region.identity) is not None and region.candidates[0].distance > nearest[name]
        else region
        for region in regions
    )


def _verdicts(
    parts: Sequence[Described], store: GalleryStore, contexts: Contexts, k: int, domain: Domain
) -> Iterator[RegionVerdict]:
    """One verdict per region, in order; a region that shows nothing is unknown without a search."""
    seen = [part for part in parts if part.vector is not None]
    answers = answer_regions(seen, store, contexts, k=k)
    for part in parts:
        nothing = RegionVerdict(part.region.box, Verdict.UNKNOWN, reason=domain.nothing_seen)
        yield nothing if part.vector is None else next(answers)


def answer_regions(
    parts: Sequence[Described], store: GalleryStore, contexts: Contexts, *, k: int
) -> Iterator[RegionVerdict]:
    """Search for regions that have vectors, decide, fetch what is shown, and confirm: one verdict each, in order."""
    boxes = [part.region.box for part in parts]
    vectors = [part.vector for part in parts if part.vector is not None]
    answers = _confirmed(boxes, np.stack(vectors), store, contexts, k=k) if vectors else []
    yield from with_clusters(answers, store)


def _confirmed(
    boxes: Sequence[Box], probes: Vectors, store: GalleryStore, contexts: Contexts, *, k: int
) -> list[RegionVerdict]:
    """Answers that the table confirms: made again where the gallery changed, from a new index where it did not."""
    context, rebuilt = contexts(), False
    for _ in range(ATTEMPTS):
        answers = _answers(boxes, probes, store, context, k=k)
        if answers is not None:
            return answers
        unchanged = store.gallery.changes == context.changes
        if unchanged and rebuilt:
            raise IndexFileError("a new index disagrees with the table too: run 'identity doctor'")
        context, rebuilt = contexts(rebuilt=unchanged), unchanged
    raise GalleryChangedError("other programs change the gallery faster than it can be asked: ask again later")


def _answers(
    boxes: Sequence[Box], probes: Vectors, store: GalleryStore, context: SearchContext, *, k: int
) -> list[RegionVerdict] | None:
    """One verdict per probe; None where the table does not confirm one of them."""
    answers: list[RegionVerdict] = []
    for found, decisions in context.decisions(probes, k=k):
        part = probes[len(answers) : len(answers) + len(decisions)]
        shown = nearest_samples(found, k=k)
        if not hold(part, shown.beside(grounds(found, decisions)), store):
            return None
        rows = store.samples(np.unique(shown.ids[shown.ids != NO_ID]).tolist())
        for probe in range(len(part)):
            matches = tuple(_matches(shown.of(slice(probe, probe + 1)), rows, context.names))
            if len(matches) < (shown.ids[probe] != NO_ID).sum():
                return None
            candidates = _nearest_candidates(decisions, probe, context.names)
            answers.append(RegionVerdict(boxes[len(answers)], decisions.verdict(probe), candidates, matches))
    return answers


def _nearest_candidates(decisions: Decisions, probe: int, names: Mapping[int, str]) -> tuple[Candidate, ...]:
    """The identities shown with a verdict, nearest first, each with its p-value."""
    nearest = decisions.order(probe)[:CANDIDATES]
    return tuple(
        decisions.candidate(int(row), names[int(decisions.identities[row])]) for row in nearest
    )


def _matches(shown: Claims, rows: Mapping[int, Sample], names: Mapping[int, str]) -> Iterator[Match]:
    """The samples shown for one probe; one that is gone, or has another name by now, is left out."""
    claims = zip(shown.ids[0].tolist(), shown.distances[0].tolist(), shown.identities[0].tolist(), strict=True)
    for rank, (sample, distance, identity) in enumerate(claims, start=1):
        row = rows.get(sample)
        if row is not None and row.identity == names.get(identity):
            yield Match(rank, sample, row.identity, distance, row.source, row.row)
