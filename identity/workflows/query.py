"""Ask a gallery who an image shows: describe, search, decide, fetch what a person wants to read, and confirm.

An answer is of one state of the gallery: where somebody changed it between search and naming, it is made again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from typing import Protocol

import numpy as np

from identity.core.answers import Match, ProbeVerdict, RegionVerdict, Verdict
from identity.core.claims import Claims, nearest_samples
from identity.core.collecting import collector_at_rest
from identity.core.domain import Domain
from identity.core.errors import GalleryChangedError, IndexFileError, StrangeCopyError
from identity.core.ports import GalleryStore
from identity.core.types import NO_ID, Box, SourceImage, Vectors
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
        with suppress(GalleryChangedError, StrangeCopyError):  # an index elsewhere is of one state only
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
        part = slice(len(answers), len(answers) + len(decisions))
        shown = nearest_samples(found, k=k)
        if not hold(probes[part], shown.beside(grounds(found, decisions)), store):
            return None
        with collector_at_rest():
            matches = _matches(shown, store, context.names)
            if matches is None:
                return None
            candidates = decisions.candidates(context.names, count=CANDIDATES)
            answers += map(RegionVerdict, boxes[part], decisions.verdicts, candidates, matches)
    return answers


def _matches(shown: Claims, store: GalleryStore, names: Mapping[int, str]) -> list[tuple[Match, ...]] | None:
    """The samples shown for each probe; None where one is gone, or has another name by now."""
    real = shown.ids != NO_ID
    each, first = np.unique(shown.ids[real], return_index=True)
    rows = store.samples(each.tolist())
    claimed = zip(each.tolist(), shown.identities[real][first].tolist(), strict=True)
    if not all(sample in rows and rows[sample].identity == names.get(identity) for sample, identity in claimed):
        return None
    samples = shown.ids[real].tolist()
    said = [rows[sample] for sample in samples]
    ranks, distances = (np.nonzero(real)[1] + 1).tolist(), shown.distances[real].tolist()
    identities, sources = [row.identity for row in said], [row.source for row in said]
    matches = map(Match, ranks, samples, identities, distances, sources, [row.row for row in said])
    return [tuple(islice(matches, size)) for size in real.sum(axis=1).tolist()]
