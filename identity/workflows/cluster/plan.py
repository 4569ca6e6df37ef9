"""`cluster`: plan a run, show what it would change, apply it in one transaction; undo; and a run as people see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from identity.clustering.suggestions import Suggestion, suggest_names
from identity.core.clusters import NOISE, ClusterState, ClusterStore, LabelChanges, Mask, Run
from identity.core.errors import GalleryChangedError, NotFoundError
from identity.core.model import ModelManifest
from identity.core.ports import GalleryStore
from identity.core.stopping import STOPPING
from identity.core.types import NO_ID, Ids
from identity.workflows.cluster.constraints import constraints_of
from identity.workflows.cluster.defaults import defaults_of
from identity.workflows.cluster.outcome import Outcome
from identity.workflows.cluster.request import ClusterRequest
from identity.workflows.cluster.run import compute_run

ATTEMPTS = 3  # somebody may enroll while a run computes; then it starts anew with what is there now
SUGGESTED = 1.5  # times eps: clusters within eps are mostly joined by it already, so suggestions look further
ANY_DISTANCE = 1.0  # suggestions where no eps says how far a person's samples lie apart
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Group:
    """A cluster: its number, its identity (that of its named samples), and its samples, `confirmed` where named."""

    id: int
    identity: str | None
    samples: Ids
    confirmed: Mask


@dataclass(frozen=True, slots=True)
class Difference:
    """What becomes of the clusters: numbers of both, of the new, of the old state only; moved and new samples."""

    kept: tuple[int, ...]
    added: tuple[int, ...]
    gone: tuple[int, ...]
    moved: int
    fresh: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A run before it is applied. `changes` is empty where there is nothing to do."""

    state: ClusterState
    outcome: Outcome
    groups: tuple[Group, ...]  # largest first
    people: int
    difference: Difference
    changes: LabelChanges
    suggestions: tuple[Suggestion, ...]

    def samples(self, pairs: tuple[tuple[int, int], ...]) -> list[tuple[int, int]]:
        """Pairs of rows as pairs of sample ids."""
        ids = self.state.labelled.ids
        return [(int(ids[a]), int(ids[b])) for a, b in pairs]


def plan(samples: GalleryStore, store: ClusterStore, model: ModelManifest | None, request: ClusterRequest) -> Plan:
    """What a run would do now."""
    state = store.state()
    outcome = compute_run(state, request, defaults_of(model, samples.calibration()))
    STOPPING.check()
    groups = groups_of(state, outcome.labels, samples.identities())
    return _plan(state, outcome, groups, _suggestions(state, outcome, groups))


def plan_in_force(samples: GalleryStore, store: ClusterStore) -> Plan:
    """The clusters in force as a plan that changes nothing. Raises `NotFoundError` where there has been no run."""
    state, outcome = _in_force(samples, store)
    return _plan(state, outcome, groups_of(state, state.labels, samples.identities()), ())


def suggestions_in_force(samples: GalleryStore, store: ClusterStore) -> tuple[Suggestion, ...]:
    """Names for the unnamed clusters in force. Raises `NotFoundError` where there has been no run."""
    state, outcome = _in_force(samples, store)
    return _suggestions(state, outcome, groups_of(state, state.labels, samples.identities()))


def _in_force(samples: GalleryStore, store: ClusterStore) -> tuple[ClusterState, Outcome]:
    state = store.state()
    if state.run is None:
        name = samples.gallery.name
        raise NotFoundError(f"gallery '{name}' has no run: 'identity cluster -g {name}' makes one")
    return state, Outcome(state.run, state.labels, state.core, constraints_of(state))


def _plan(
    state: ClusterState, outcome: Outcome, groups: tuple[Group, ...], suggestions: tuple[Suggestion, ...]
) -> Plan:
    return Plan(
        state,
        outcome,
        groups,
        people=people_in(groups),
        difference=_difference(state, outcome.labels),
        changes=label_changes(state, outcome.labels, outcome.core),
        suggestions=suggestions,
    )


def apply(store: ClusterStore, made: Plan) -> Run:
    """Apply a plan; where it changes nothing, the run in force stays. Raises `GalleryChangedError`."""
    if made.outcome.run.mode == "incremental" and not len(made.changes.samples):
        assert made.state.run is not None
        return made.state.run
    return store.apply(made.outcome.run, made.changes, changes=made.state.changes)


def retry_if_changed(attempt: Callable[[], Answer], *, say: Callable[[str], None]) -> Answer:
    """The answer of `attempt`, begun anew where somebody else changed the gallery meanwhile, up to three times."""
    for _ in range(ATTEMPTS - 1):
        try:
            return attempt()
        except GalleryChangedError:
            say("the gallery was changed meanwhile: reading it again")
    return attempt()


def groups_of(state: ClusterState, labels: Ids, names: Mapping[int, str]) -> tuple[Group, ...]:
    """The clusters of some labels (n,), largest first, then by number."""
    order = np.argsort(labels, kind="stable")
    order = order[labels[order] != NOISE]
    numbers, starts = np.unique(labels[order], return_index=True)
    parts = np.split(order, starts[1:]) if len(order) else []
    made = [_group(state, int(number), rows, names) for number, rows in zip(numbers, parts, strict=True)]
    return tuple(sorted(made, key=lambda group: (-len(group.samples), group.id)))


def proposed_names(groups: Sequence[Group]) -> dict[int, str]:
    """Names of clusters, by the samples in them that nobody named."""
    return {
        sample: group.identity
        for group in groups
        if group.identity is not None
        for sample in group.samples[~group.confirmed].tolist()
    }


def _group(state: ClusterState, number: int, rows: np.ndarray, names: Mapping[int, str]) -> Group:
    identities = state.labelled.identities[rows]
    told, counts = np.unique(identities[identities != NO_ID], return_counts=True)
    identity = int(told[np.argmax(counts)]) if len(told) else NO_ID
    return Group(number, names.get(identity), state.labelled.ids[rows], identities != NO_ID)


def people_in(groups: tuple[Group, ...]) -> int:
    """How many different people the clusters are: those of one identity count once."""
    return len({group.identity or group.id for group in groups})


def label_changes(state: ClusterState, labels: Ids, core: Mask) -> LabelChanges:
    """The samples whose label or core flag becomes another, or that no run has looked at yet."""
    rows = np.flatnonzero((state.labels != labels) | (state.core != core) | ~state.seen)
    return LabelChanges(state.labelled.ids[rows], labels[rows], core[rows])


def _difference(state: ClusterState, labels: Ids) -> Difference:
    before, after = ({int(label) for label in np.unique(one) if label != NOISE} for one in (state.labels, labels))
    moved = int(((state.labels != labels) & state.seen).sum())
    fresh = int((~state.seen).sum())
    kept, added, gone = (tuple(sorted(part)) for part in (before & after, after - before, before - after))
    return Difference(kept, added, gone, moved, fresh)


def _suggestions(
    state: ClusterState, outcome: Outcome, groups: tuple[Group, ...]
) -> tuple[Suggestion, ...]:
    """Who unnamed clusters probably are; never a pairing that a person or a photograph rules out."""
    named = {group.id: group.identity for group in groups if group.identity is not None}
    if not named or len(named) == len(groups):
        return ()
    at_most = ANY_DISTANCE if outcome.run.eps is None else min(2.0, SUGGESTED * outcome.run.eps)
    found = suggest_names(state.labelled.vectors, outcome.labels, names=named, at_most=at_most)
    ruled_out = _ruled_out_names(outcome, named)
    return tuple(one for one in found if (one.cluster, one.name) not in ruled_out)


def _ruled_out_names(outcome: Outcome, named: Mapping[int, str]) -> set[tuple[int, str]]:
    labels, cannot = outcome.labels, outcome.constraints.cannot
    pairs = {(int(labels[a]), int(labels[b])) for a, b in cannot.tolist()}
    return {(a, named[b]) for pair in pairs for a, b in (pair, pair[::-1]) if b in named}
