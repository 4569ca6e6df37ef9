"""Names for the unnamed clusters of a run, by the gallery's own thresholds."""

from __future__ import annotations

from collections.abc import Mapping

from identity.clustering.suggestions import Called, Suggestion, suggest_names
from identity.core.types import Vectors
from identity.workflows.cluster.groups import Group
from identity.workflows.cluster.outcome import Outcome


def suggestions(
    vectors: Vectors, outcome: Outcome, groups: tuple[Group, ...], limits: Mapping[str, float]
) -> tuple[Suggestion, ...]:
    """Who unnamed clusters probably are; never a pairing that a person or a photograph rules out, nor who is aside.

    `limits` by name: a name without one is never suggested.
    """
    named = {g.id: Called(g.identity, limits.get(g.identity, 0.0)) for g in groups if g.identity is not None}
    if not limits or not named or len(named) == len(groups):
        return ()
    found = suggest_names(vectors, outcome.labels, names=named)
    ruled_out, aside = _ruled_out_names(outcome, named), {group.id for group in groups if group.aside}
    asked = (one for one in found if one.cluster not in aside)
    return tuple(one for one in asked if (one.cluster, one.name) not in ruled_out)


def _ruled_out_names(outcome: Outcome, named: Mapping[int, Called]) -> set[tuple[int, str]]:
    labels, cannot = outcome.labels, outcome.constraints.cannot
    pairs = {(int(labels[a]), int(labels[b])) for a, b in cannot.tolist()}
    return {(a, named[b].name) for pair in pairs for a, b in (pair, pair[::-1]) if b in named}
