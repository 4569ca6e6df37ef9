"""The clusters of some labels as people see them: with names and samples, largest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from identity.core.clusters import NOISE, ClusterPlaces, Mask
from identity.core.types import NO_ID, Ids


@dataclass(frozen=True, slots=True)
class Group:
    """A cluster: its number, its identity (that of its named samples), and its samples, `confirmed` where named.

    It is `aside` where all its samples are: one that got others since is looked at again.
    """

    id: int
    identity: str | None
    samples: Ids
    confirmed: Mask
    aside: bool


def groups_of(state: ClusterPlaces, labels: Ids, names: Mapping[int, str]) -> tuple[Group, ...]:
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


def _group(state: ClusterPlaces, number: int, rows: np.ndarray, names: Mapping[int, str]) -> Group:
    identities = state.identities[rows]
    told, counts = np.unique(identities[identities != NO_ID], return_counts=True)
    identity = int(told[np.argmax(counts)]) if len(told) else NO_ID
    return Group(number, names.get(identity), state.ids[rows], identities != NO_ID, bool(state.aside[rows].all()))


def people_in(groups: tuple[Group, ...]) -> int:
    """How many different people the clusters are: those of one identity count once."""
    return len({group.identity or group.id for group in groups})
