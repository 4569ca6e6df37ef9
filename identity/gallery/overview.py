"""Everybody in a gallery at a glance: each person and each unnamed cluster once, with faces to show.

A sample belongs to whom it is called after; one without a name to whom its cluster is called after, or to the cluster.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from identity.core.clusters import NOISE
from identity.core.types import NO_ID, Ids

if TYPE_CHECKING:
    from identity.clustering.suggestions import Suggestion
    from identity.workflows.cluster.groups import Group
    from identity.workflows.cluster.somebody import Gathering

Which = Literal["all", "named", "unnamed"]


@dataclass(frozen=True, slots=True)
class Glimpse:
    """Somebody: `who` is the name, or an unnamed cluster (`c12`). Samples that bear the name come first."""

    who: str
    identity: str | None
    samples: Ids
    confirmed: int  # how many of the samples bear the name themselves


@dataclass(frozen=True, slots=True)
class Overview:
    """Everybody, largest first; `loose` samples have neither a name nor a cluster."""

    named: tuple[Glimpse, ...]
    unnamed: tuple[Glimpse, ...]
    loose: Ids

    def of(self, which: Which, text: str = "") -> Sequence[Glimpse]:
        """Those who are wanted, largest first; `text` is part of a name or the number of a cluster."""
        parts = {"named": self.named, "unnamed": self.unnamed, "all": (*self.named, *self.unnamed)}
        wanted = text.casefold().strip()
        found = [one for one in parts[which] if wanted in one.who.casefold()]
        return sorted(found, key=lambda one: -len(one.samples)) if which == "all" else found


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """Whether the cluster `who` is the person, or (`who` is the name) whether these unconfirmed samples are.

    `settles` counts the samples that an answer decides about. Distance, threshold and lead are those of a suggestion.
    """

    who: str
    identity: str
    settles: int
    samples: Ids
    known: Ids  # samples that bear the name
    suggestion: Suggestion | None = None


def overview_of(here: Gathering, groups: Sequence[Group]) -> Overview:
    """Everybody in a gallery, from its clusters in force."""
    identities, labels = here.state.identities, here.state.labels
    owners = identities.copy()
    calling = _identities_of(groups, here.names)
    follows = (identities == NO_ID) & (labels != NOISE)
    numbers, at = np.unique(labels[follows], return_inverse=True)
    owners[follows] = np.array([calling.get(number, NO_ID) for number in numbers.tolist()], np.int64)[at]
    nobody = owners == NO_ID
    named = [_glimpse(here, rows, here.names[key]) for key, rows in _parts(owners, ~nobody) if key in here.names]
    unnamed = [_glimpse(here, rows, None) for _, rows in _parts(labels, nobody & (labels != NOISE))]
    return Overview(_by_size(named), _by_size(unnamed), here.ids(np.flatnonzero(nobody & (labels == NOISE))))


def questions_of(found: Overview, suggested: Sequence[Suggestion]) -> tuple[OpenQuestion, ...]:
    """What is worth asking a person: what settles most samples comes first, and of those what is nearest."""
    named = {one.who: one for one in found.named}
    unnamed = {one.who: one for one in found.unnamed}
    pairs = [(unnamed.get(f"c{one.cluster}"), named.get(one.name), one) for one in suggested]
    asked = [OpenQuestion(a.who, b.who, len(a.samples), a.samples, _known(b), one) for a, b, one in pairs if a and b]
    unconfirmed = [(one, one.samples[one.confirmed :]) for one in found.named if one.confirmed < len(one.samples)]
    asked += [OpenQuestion(one.who, one.who, len(open_), open_, _known(one)) for one, open_ in unconfirmed]
    return tuple(sorted(asked, key=lambda one: (-one.settles, _distance(one), one.who)))


def _known(one: Glimpse) -> Ids:
    return one.samples[: one.confirmed]


def _distance(asked: OpenQuestion) -> float:
    return 0.0 if asked.suggestion is None else asked.suggestion.distance


def _identities_of(groups: Sequence[Group], names: Mapping[int, str]) -> dict[int, int]:
    by_name = {name: identity for identity, name in names.items()}
    return {group.id: by_name[group.identity] for group in groups if group.identity is not None}


def _parts(keys: Ids, wanted: np.ndarray) -> list[tuple[int, np.ndarray]]:
    """The rows of every key among those that are wanted."""
    rows = np.flatnonzero(wanted)
    order = rows[np.argsort(keys[rows], kind="stable")]
    found, starts = np.unique(keys[order], return_index=True)
    return list(zip(found.tolist(), np.split(order, starts[1:]), strict=True)) if len(order) else []


def _glimpse(here: Gathering, rows: np.ndarray, name: str | None) -> Glimpse:
    bears = here.state.identities[rows] != NO_ID
    ordered = np.concatenate([rows[bears], rows[~bears]])
    return Glimpse(name or f"c{here.state.labels[rows[0]]}", name, here.ids(ordered), int(bears.sum()))


def _by_size(found: Sequence[Glimpse]) -> tuple[Glimpse, ...]:
    return tuple(sorted(found, key=lambda one: (-len(one.samples), one.who)))
