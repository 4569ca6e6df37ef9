"""The people of a gallery as rows: who there is, and which samples are theirs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from identity.core.types import Sample

if TYPE_CHECKING:
    from identity.workflows.cluster.groups import Group
    from identity.workflows.cluster.somebody import Gathering


@dataclass(frozen=True, slots=True)
class Person:
    """A cluster or a name: `cluster` is None for a name in no cluster, `identity` is None for an unnamed cluster."""

    cluster: int | None
    identity: str | None
    samples: int
    confirmed: int  # how many of the samples carry the name themselves


@dataclass(frozen=True, slots=True)
class PlacedSample:
    """A sample and the cluster that it is in; None is noise."""

    sample: Sample
    cluster: int | None


@dataclass(frozen=True, slots=True)
class PersonSamples:
    """The samples of a cluster or of a name."""

    identity: str | None
    samples: tuple[PlacedSample, ...]


def people_of(here: Gathering, groups: tuple[Group, ...], *, named: bool = True) -> tuple[Person, ...]:
    """Clusters, largest first, then, if wanted, the named who are in no cluster."""
    clustered = {group.identity for group in groups}
    told = Counter(here.state.identities.tolist())
    counts = {name: told[id_] for id_, name in here.names.items() if name not in clustered}
    return (
        *(Person(g.id, g.identity, len(g.samples), int(g.confirmed.sum())) for g in groups),
        *(Person(None, name, count, count) for name, count in counts.items() if count and named),
    )
