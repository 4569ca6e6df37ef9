"""On a worker: the shards that this process holds. They are in no file, and gone with the process.

A shard may be read at any moment m of the gallery (its change counter) from the plan's on, and may be searched for any
state s of the same token with m <= s. What was removed or relabelled after the plan's moment and up to s stands in the
state's `superseded`, because the database keeps that for as long as it vouches for the token, and is never found here;
what such a sample is now, and what came after the plan's last id, is in the state's `later`. Everything else was the
same at m and at s. So shards that were read at different moments answer for one state; only one that was read after
the state must not, for it may lack what the state still has: then the state is read again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from threading import RLock

import numpy as np

from identity.core import VERSION
from identity.core.errors import GalleryChangedError, WorkersError
from identity.core.nearest import Nearest, Sought, merge
from identity.core.types import Distances, Ids, Labelled, Vectors
from identity.indexes.certified import Certified
from identity.indexes.choice import in_memory
from identity.indexes.flat import Flat
from identity.workflows.shards.plan import HeldShards, ShardPlan, Standing

STATES = 3  # of one shard that are searched in turn, by programs that have seen more or fewer changes
Read = Callable[[ShardPlan, int, bool], tuple[int, Labelled]]  # counter and samples of a shard


@dataclass(slots=True)
class HeldShard:
    """One that is held: as it was read, and without what each of some states has superseded."""

    read_at: int
    whole: Flat | Certified
    states: dict[int, Flat | Certified] = field(default_factory=dict)

    def at(self, moment: int, superseded: Ids) -> Standing:
        """Make it ready for a state of the gallery."""
        if self.read_at > moment:
            raise GalleryChangedError("the gallery was changed by another program meanwhile: run it again")
        self.states[moment] = self.whole.without(superseded)
        while len(self.states) > STATES:
            self.states.pop(min(self.states))
        return standing(self.states.get(moment, self.whole), self.read_at)


@dataclass(slots=True)
class Holding:
    """All of this process."""

    plans: dict[str, ShardPlan] = field(default_factory=dict)  # by token
    shards: dict[tuple[str, int], HeldShard] = field(default_factory=dict)
    lock: RLock = field(default_factory=RLock)


HERE = Holding()


def standing(index: Flat | Certified, read_at: int) -> Standing:
    """What a shard says of itself."""
    rows = index.rows if isinstance(index, Certified) else index
    counts = rows.counts
    return Standing(rows.slices[counts > 0], counts[counts > 0], len(rows.ids), read_at, isinstance(index, Certified))


def held(version: str, gallery: str) -> HeldShards:
    """Which shards of a gallery are here. Raises `WorkersError` where this is not the version that asks."""
    if version != VERSION:
        raise WorkersError(f"a worker has identity {VERSION}, who asks has {version}: install the same everywhere")
    with HERE.lock:
        plans = {token: plan for token, plan in HERE.plans.items() if plan.gallery == gallery}
        numbers = {token: frozenset(number for at, number in HERE.shards if at == token) for token in plans}
    return HeldShards(plans, numbers)


def load(plan: ShardPlan, numbers: Collection[int], read: Read, *, vouched: bool) -> list[Standing]:
    """Read those shards that are not here yet; `vouched`: the database vouches for the plan's token by now."""
    with HERE.lock:
        for number in numbers:
            if (plan.token, number) not in HERE.shards:
                changes, labelled = read(plan, number, vouched)
                HERE.shards[plan.token, number] = HeldShard(changes, in_memory(labelled))
                HERE.plans[plan.token] = plan
        return [standing(one.whole, one.read_at) for one in (HERE.shards[plan.token, number] for number in numbers)]


def make_ready(
    plan: ShardPlan, numbers: Collection[int], read: Read, moment: int, superseded: Ids
) -> list[Standing]:
    """The same, and make them ready for a state of the gallery. Raises `GalleryChangedError` for one that is over."""
    with HERE.lock:
        load(plan, numbers, read, vouched=True)
        return [HERE.shards[plan.token, number].at(moment, superseded) for number in numbers]


def search(
    token: str, numbers: Collection[int], moment: int, probes: Vectors, sought: Sought
) -> Nearest | None:
    """What is sought in some shards; None where one of them is not here, or not ready for this state.

    Other shards have samples of every identity, for all that is known here.
    """
    indexes = _ready(token, numbers, moment)
    if indexes is None:
        return None
    found = []
    for index in indexes:
        elsewhere = np.union1d(index.identities, sought.elsewhere)
        found.append(index.search(probes, sought=replace(sought, elsewhere=elsewhere)))
    return found[0] if len(found) == 1 else merge(found, k=sought.width)


def own(
    token: str, numbers: Collection[int], moment: int, probes: Vectors, identities: Ids, k: int
) -> Distances | None:
    """Distances (n, k) of each probe to the k nearest samples of its identity in some shards; None as above."""
    indexes = _ready(token, numbers, moment)
    if indexes is None:
        return None
    found = np.concatenate([index.own(probes, identities, k=k) for index in indexes], axis=1)
    nearest: Distances = np.sort(found, axis=1)[:, :k]
    return nearest


def _ready(token: str, numbers: Collection[int], moment: int) -> list[Flat | Certified] | None:
    with HERE.lock:
        shards = [HERE.shards.get((token, number)) for number in numbers]
        indexes = [None if one is None else one.states.get(moment) for one in shards]
    ready = [index for index in indexes if index is not None]
    return ready if len(ready) == len(indexes) else None


def release(token: str, numbers: Collection[int]) -> None:
    """Give up shards that another worker holds now."""
    with HERE.lock:
        for number in numbers:
            HERE.shards.pop((token, number), None)
        _forget_empty_plans()


def drop(gallery: str, keep: Collection[str], before: int | None) -> None:
    """Give up all shards of a gallery but those of the names in `keep`, and those of plans not older than `before`.

    Somebody may be loading these: what was removed before they were read is not in them.
    """
    with HERE.lock:
        for plan in list(HERE.plans.values()):
            if plan.gallery == gallery and plan.name not in keep and (before is None or plan.changes < before):
                for key in [key for key in HERE.shards if key[0] == plan.token]:
                    del HERE.shards[key]
        _forget_empty_plans()


def _forget_empty_plans() -> None:
    tokens = {token for token, _ in HERE.shards}
    for token in HERE.plans.keys() - tokens:
        del HERE.plans[token]
