"""The documents of people: who there is, one of them with all samples, and what somebody decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from typing_extensions import TypedDict

from identity.documents.clusters import GroupFields, group_fields
from identity.documents.samples import PlacedSample, placed

if TYPE_CHECKING:
    from identity.core.types import Sample
    from identity.workflows.cluster.plan import Group
    from identity.workflows.cluster.somebody import Gathering


class SomebodyFields(TypedDict):
    """A cluster, or a name that is in no cluster (`id` is null)."""

    id: int | None
    identity: str | None
    size: int
    confirmed: int


class PeopleFields(TypedDict):
    """Clusters, largest first, then the named who are in none."""

    gallery: str
    people: list[SomebodyFields]


class PersonSample(PlacedSample):
    """A sample of somebody; `cluster` is -1 for noise."""

    cluster: int
    confirmed: bool


class PersonFields(TypedDict):
    """A cluster or a name with its samples."""

    gallery: str
    identity: str | None
    samples: list[PersonSample]


class DecisionFields(TypedDict):
    """What was decided, and the clusters afterwards."""

    gallery: str
    decision: str
    clusters: list[GroupFields]


def people_fields(here: Gathering, groups: Sequence[Group]) -> PeopleFields:
    """Everybody."""
    clustered = {group.identity for group in groups}
    told = here.state.labelled.identities.tolist()
    alone = {name: told.count(id_) for id_, name in here.names.items() if name not in clustered and id_ in set(told)}
    people: list[SomebodyFields] = [
        {"id": g.id, "identity": g.identity or None, "size": len(g.samples), "confirmed": int(g.confirmed.sum())}
        for g in groups
    ]
    people += [{"id": None, "identity": name, "size": n, "confirmed": n} for name, n in alone.items()]
    return {"gallery": here.gallery, "people": people}


def person_fields(
    gallery: str, identity: str | None, samples: Iterable[Sample], clusters: Iterable[int]
) -> PersonFields:
    """Somebody's samples, with the cluster that each is in."""
    found: list[PersonSample] = [
        {**placed(sample), "cluster": cluster, "confirmed": sample.identity is not None}
        for sample, cluster in zip(samples, clusters, strict=True)
    ]
    return {"gallery": gallery, "identity": identity, "samples": found}


def decision_fields(
    gallery: str, decision: str, groups: Iterable[Group], held: Mapping[int, Sample]
) -> DecisionFields:
    """A decision, and the clusters with their samples by id."""
    clusters = [group_fields(group, held) for group in groups]
    return {"gallery": gallery, "decision": decision, "clusters": clusters}
