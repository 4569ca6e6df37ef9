"""How a gallery is cut into shards, and which worker holds which."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from identity.core.search_state import NAME
from identity.core.types import Ids


@dataclass(frozen=True, slots=True)
class ShardPlan:
    """The shards of one gallery under one token, by ranges of sample ids. Every worker that holds one knows it all."""

    token: str
    gallery: str  # uuid
    changes: int  # the gallery's counter before the first shard was read
    ends: tuple[int, ...]  # the largest sample id of each shard, ascending

    @property
    def name(self) -> str:
        """As a snapshot of this token is called."""
        return self.token[:NAME]

    def range_of(self, number: int) -> tuple[int, int]:
        """A shard holds the samples above the first of these ids, up to the second."""
        return (self.ends[number - 1] if number else 0), self.ends[number]


@dataclass(frozen=True, slots=True)
class Standing:
    """What a shard says of itself."""

    identities: Ids  # (c,) of the samples that may be found
    counts: Ids  # (c,)
    length: int  # samples, those that must not be found as well
    read_at: int  # the gallery's counter when it was read
    scans: bool  # it looks for the nearest first, and not at every identity


@dataclass(frozen=True, slots=True)
class HeldShards:
    """Which shards of which plans a worker holds."""

    plans: Mapping[str, ShardPlan] = field(default_factory=dict)  # by token
    numbers: Mapping[str, frozenset[int]] = field(default_factory=dict)


def assigned(count: int, held: Mapping[str, Collection[int]]) -> dict[str, list[int]]:
    """So many shards over the workers named: none has two more than another, and who holds one keeps it if it can."""
    shares: dict[str, list[int]] = {name: [] for name in sorted(held)}
    homeless = []
    for number in range(count):
        holders = [name for name in shares if number in held[name]]
        if holders:
            min(map(shares.__getitem__, holders), key=len).append(number)
        else:
            homeless.append(number)
    for number in homeless:
        min(shares.values(), key=len).append(number)
    while len(fullest := max(shares.values(), key=len)) > len(emptiest := min(shares.values(), key=len)) + 1:
        emptiest.append(fullest.pop())
    return {name: sorted(numbers) for name, numbers in shares.items() if numbers}
