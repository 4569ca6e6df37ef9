"""The tables that commands write as CSV, header first: one row per probe, or per sample."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from identity.core.types import Sample
    from identity.workflows.cluster.plan import Plan
    from identity.workflows.evaluate.people import PeopleEvaluation
    from identity.workflows.evaluate.recognition import Evaluation

Row = tuple[object, ...]
CLUSTER_COLUMNS = (
    "sample", "path", "row", "x1", "y1", "x2", "y2", "cluster", "identity", "confirmed", "core", "quality", "reason",
)  # fmt: skip


def probe_table(made: Evaluation | PeopleEvaluation) -> Iterator[Row]:
    """What was decided about each probe of an evaluation."""
    from identity.workflows.evaluate.people import PeopleEvaluation
    from identity.workflows.evaluate.probe_table import PER_SAMPLE_COLUMNS, per_sample_rows

    yield PER_SAMPLE_COLUMNS
    if isinstance(made, PeopleEvaluation):
        judged = [made.known.judged, *(one.judged for one in made.unknown)]
    else:
        judged = [made.judged_known, *made.judged_unknown]
    for source in judged:
        yield from per_sample_rows(source)


def cluster_table(plan: Plan, held: Mapping[int, Sample]) -> Iterator[Row]:
    """The cluster of each sample, -1 for noise; `held` are the samples by id."""
    outcome, state = plan.outcome, plan.state
    named = {group.id: group.identity for group in plan.groups}
    yield CLUSTER_COLUMNS
    columns = (state.ids, outcome.labels, state.identities, outcome.core)
    for id_, label, identity, core in zip(*(column.tolist() for column in columns), strict=True):
        one = held[id_]
        who = one.identity or named.get(label) or ""
        quality = ("", "") if one.quality is None else (round(one.quality.value, 3), one.quality.reason)
        yield (id_, one.source, one.row, *one.box.as_list(), label, who, identity >= 0, core, *quality)
