"""One state of a gallery, searched in the shards that workers hold; what a killed worker held is loaded by another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from threading import RLock
from typing import Any, TypeVar

import numpy as np

from identity.core import VERSION
from identity.core.errors import KilledWorkersError, WorkersError
from identity.core.nearest import Nearest, Sought, merge
from identity.core.types import Distances, Ids, Vectors
from identity.core.workers import Workers
from identity.indexes.certified import BEST
from identity.indexes.limits import Holdings
from identity.indexes.slices import check_dimension
from identity.workflows.shards import holding
from identity.workflows.shards.plan import HeldShards, ShardPlan, Standing, assigned
from identity.workflows.shards.reading import read_shard

R = TypeVar("R")
ROUNDS = 10  # in each of which a worker was killed, or gave a shard away: then something is broken
Spread = dict[str, list[int]]  # which shards each worker answers for


def ask_all(workers: Workers, work: Callable[..., R], *given: Any) -> dict[str, R]:
    """What each worker says; one that is killed meanwhile says nothing."""
    tasks = {name: workers.begin(work, *given, urgent=True, at=name) for name in workers.names()}
    said = {}
    for name, task in tasks.items():
        try:
            said[name] = task.result()
        except KilledWorkersError:
            continue
    return said


def held_by(workers: Workers, gallery: str) -> dict[str, HeldShards]:
    """Which shards of a gallery each worker holds. Raises `WorkersError` where there is no worker."""
    workers.require_somebody(None)
    return ask_all(workers, holding.held, VERSION, gallery)


@dataclass(frozen=True, slots=True)
class Spreading:
    """Brings each shard of a plan to a worker, evenly."""

    workers: Workers
    plan: ShardPlan

    def once(self, work: Callable[..., list[Standing]], *given: Any) -> tuple[Spread, dict[int, Standing]]:
        """Let each worker do `work` over its shards; where they are now, and what each says of itself.

        Raises `KilledWorkersError` where one is killed meanwhile.
        """
        said = held_by(self.workers, self.plan.gallery)
        if not said:
            raise KilledWorkersError("all workers are gone")
        before = {name: held.numbers.get(self.plan.token, frozenset()) for name, held in said.items()}
        spread = assigned(len(self.plan.ends), before)
        begin = self.workers.begin
        tasks = {name: begin(work, self.plan, numbers, *given, at=name) for name, numbers in spread.items()}
        standings: dict[int, Standing] = {}
        for name, task in tasks.items():
            standings |= zip(spread[name], task.result(), strict=True)
        for name, numbers in before.items():  # only now, when others have them
            if given_away := numbers.difference(spread.get(name, ())):
                self.workers.begin(holding.release, self.plan.token, given_away, at=name).result()
        return spread, standings

    def done(self, work: Callable[..., list[Standing]], *given: Any) -> tuple[Spread, dict[int, Standing]]:
        """The same, again where a worker is killed. Raises `WorkersError` where that goes on and on."""
        for _ in range(ROUNDS):
            try:
                return self.once(work, *given)
            except KilledWorkersError:
                continue
        raise lost()


def load_all(workers: Workers, plan: ShardPlan) -> Mapping[int, Standing]:
    """Have every shard of a new plan read."""
    return Spreading(workers, plan).done(partial(holding.load, read=read_shard, vouched=False))[1]


def lost() -> WorkersError:
    """What is said where one worker after the other goes."""
    return WorkersError(
        f"workers were killed {ROUNDS} times while they loaded or searched shards: look at their memory, start more of "
        "them, then run the command again"
    )


@dataclass(slots=True, eq=False)
class Spot:
    """Which worker answers for what by now; several threads may ask."""

    spread: Spread = field(default_factory=dict)
    standings: Mapping[int, Standing] = field(default_factory=dict)
    lock: RLock = field(default_factory=RLock)


@dataclass(frozen=True, eq=False)
class RemoteShards:
    """Implements the port `Index` over the shards of a plan, for one state of the gallery (`moment`)."""

    spreading: Spreading
    moment: int
    superseded: Ids
    dim: int
    spot: Spot = field(default_factory=Spot)

    def opened(self) -> RemoteShards:
        """The same, all of whose shards are loaded. Raises `GalleryChangedError` where the state is over."""
        self._spread()
        return self

    @cached_property
    def identities(self) -> Ids:
        """Identity ids (c,) of all that may be found, ascending."""
        return np.unique(np.concatenate([one.identities for one in self.spot.standings.values()]))

    def listed(self, sought: Sought) -> int:
        """As many as the shards list."""
        each = self.spot.standings.values()
        return sum(BEST[0] if one.scans and _has_enough(one, sought) else len(one.identities) for one in each)

    def search(self, probes: Vectors, *, sought: Sought) -> Nearest:
        """What is sought near each probe (n, dim): see `core.index_ports.Index`.

        Raises `SpaceMismatchError` where the probes have another dimension than the gallery, `WorkersError` where
        nobody can answer, `GalleryChangedError` where a shard has to be loaded anew and the gallery was changed since.
        """
        check_dimension(probes, self.dim)
        return merge(self._asked(holding.search, probes, sought), k=sought.width)

    def own(self, probes: Vectors, identities: Ids, *, k: int) -> Distances:
        """Distances (n, k) of each probe to the k nearest samples of the one identity given with it; inf: none."""
        found = np.concatenate(self._asked(holding.own, probes, identities, k), axis=1)
        nearest: Distances = np.sort(found, axis=1)[:, :k]
        return nearest

    def _asked(self, work: Callable[..., R | None], *given: Any) -> list[R]:
        """What all shards say; those of a killed worker, or that went elsewhere, are asked where they are then."""
        workers, plan = self.spreading.workers, self.spreading.plan
        for _ in range(ROUNDS):
            spread = self._spread()
            tasks = [
                workers.begin(work, plan.token, numbers, self.moment, *given, urgent=True, at=name)
                for name, numbers in spread.items()
            ]
            try:
                said = [task.result() for task in tasks]
            except KilledWorkersError:
                said = [None]
            found = [one for one in said if one is not None]
            if len(found) == len(said):
                return found
            self._was_wrong(spread)
        raise lost()

    def _spread(self) -> Spread:
        with self.spot.lock:
            if not self.spot.spread:
                ready = partial(holding.make_ready, read=read_shard, moment=self.moment, superseded=self.superseded)
                self.spot.spread, self.spot.standings = self.spreading.done(ready)
            return self.spot.spread

    def _was_wrong(self, spread: Spread) -> None:
        with self.spot.lock:
            if self.spot.spread is spread:  # else somebody else saw to it
                self.spot.spread = {}


def _has_enough(standing: Standing, sought: Sought) -> bool:
    return Holdings.of(standing.identities, standing.counts).has_enough(sought)
