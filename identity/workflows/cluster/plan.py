"""`cluster`: plan a run, show what it would change, apply it in one transaction; undo; and a run as people see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from identity.clustering.suggestions import Suggestion
from identity.core.clusters import NOISE, ClusterPlaces, ClusterState, ClusterStore, LabelChanges, Mask, Run
from identity.core.errors import GalleryChangedError, NotFoundError
from identity.core.model import ModelManifest
from identity.core.ports import GalleryStore
from identity.core.stopping import STOPPING
from identity.core.types import Ids, Role
from identity.workflows.cluster.constraints import constraints_of
from identity.workflows.cluster.defaults import defaults_of, limits_of
from identity.workflows.cluster.groups import Group, groups_of, people_in
from identity.workflows.cluster.outcome import Outcome
from identity.workflows.cluster.poor import flaws
from identity.workflows.cluster.request import ClusterRequest
from identity.workflows.cluster.run import compute_run
from identity.workflows.cluster.suggest import suggestions

ATTEMPTS = 3  # somebody may enroll while a run computes; then it starts anew with what is there now
Answer = TypeVar("Answer")


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

    @property
    def kept_out(self) -> Mapping[str, int]:
        """How many faces were too poor to be cores, by what each lacks most."""
        return flaws(self.state, self.outcome.run.min_quality)

    def samples(self, pairs: tuple[tuple[int, int], ...]) -> list[tuple[int, int]]:
        """Pairs of rows as pairs of sample ids."""
        ids = self.state.ids
        return [(int(ids[a]), int(ids[b])) for a, b in pairs]


def plan(samples: GalleryStore, store: ClusterStore, model: ModelManifest | None, request: ClusterRequest) -> Plan:
    """What a run would do now."""
    state = store.state()
    calibration = samples.calibration()
    outcome = compute_run(state, request, defaults_of(model, calibration))
    STOPPING.check()
    names = samples.identities()
    groups = groups_of(state, outcome.labels, names)
    limits = limits_of(model, calibration, names)
    return _plan(state, outcome, groups, suggestions(state.vectors, outcome, groups, limits))


def plan_in_force(samples: GalleryStore, store: ClusterStore) -> Plan:
    """The clusters in force as a plan that changes nothing. Raises `NotFoundError` where there has been no run."""
    state = store.state()
    outcome = _outcome_in_force(samples, state)
    return _plan(state, outcome, groups_of(state, state.labels, samples.identities()), ())


def suggestions_in_force(
    samples: GalleryStore, store: ClusterStore, model: ModelManifest | None
) -> tuple[Suggestion, ...]:
    """Names for the unnamed clusters in force. Raises `NotFoundError` where there has been no run."""
    places = store.places()
    outcome, names = _outcome_in_force(samples, places), samples.identities()
    groups, limits = groups_of(places, places.labels, names), limits_of(model, samples.calibration(), names)
    if not limits or all(group.identity is None for group in groups):
        return ()
    changes, held = samples.all_vectors(Role.GALLERY)
    if changes != places.changes:
        raise GalleryChangedError(f"gallery '{samples.gallery.name}' was changed meanwhile: ask again")
    return suggestions(held.vectors, outcome, groups, limits)


def _outcome_in_force(samples: GalleryStore, places: ClusterPlaces) -> Outcome:
    if places.run is None:
        name = samples.gallery.name
        raise NotFoundError(f"gallery '{name}' has no run: 'identity cluster -g {name}' makes one")
    return Outcome(places.run, places.labels, places.core, constraints_of(places))


def _plan(
    state: ClusterState, outcome: Outcome, groups: tuple[Group, ...], suggested: tuple[Suggestion, ...]
) -> Plan:
    return Plan(
        state,
        outcome,
        groups,
        people=people_in(groups),
        difference=_difference(state, outcome.labels),
        changes=label_changes(state, outcome.labels, outcome.core),
        suggestions=suggested,
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


def label_changes(state: ClusterState, labels: Ids, core: Mask) -> LabelChanges:
    """The samples whose label or core flag becomes another, or that no run has looked at yet."""
    rows = np.flatnonzero((state.labels != labels) | (state.core != core) | ~state.seen)
    return LabelChanges(state.ids[rows], labels[rows], core[rows])


def _difference(state: ClusterState, labels: Ids) -> Difference:
    before, after = ({int(label) for label in np.unique(one) if label != NOISE} for one in (state.labels, labels))
    moved = int(((state.labels != labels) & state.seen).sum())
    fresh = int((~state.seen).sum())
    kept, added, gone = (tuple(sorted(part)) for part in (before & after, after - before, before - after))
    return Difference(kept, added, gone, moved, fresh)
