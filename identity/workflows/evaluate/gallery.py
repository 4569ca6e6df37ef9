"""Which figures a gallery is measured by: those of its kind of identity."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from identity.core.domain import Domain
from identity.core.errors import UsageError
from identity.core.ports import GalleryStore
from identity.core.types import SourceImage
from identity.workflows.deciding import SearchContext
from identity.workflows.describe import Pipeline
from identity.workflows.evaluate import people, recognition


def evaluate_gallery(
    known: Iterable[SourceImage],
    strangers: Sequence[tuple[str, Iterable[SourceImage]]],
    *,
    domain: Domain,
    pipeline: Pipeline,
    store: GalleryStore,
    context: SearchContext,
    groups: Path | None,
    on_progress: Callable[[int], None],
) -> recognition.Evaluation | people.PeopleEvaluation:
    """Pairs and searches where the kind decides by pairs, else decisions. Raises `UsageError` for groups elsewhere."""
    if domain.decides_by_pairs:
        return people.evaluate_people(
            known,
            [images for _, images in strangers],
            pipeline=pipeline,
            store=store,
            context=context,
            groups={} if groups is None else people.read_groups(groups),
            on_progress=on_progress,
        )
    if groups is not None:
        raise UsageError("groups are only for galleries of people: remove --groups")
    return recognition.evaluate(known, strangers, pipeline=pipeline, context=context, on_progress=on_progress)
