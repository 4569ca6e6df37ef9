"""The documents of people: who there is, one of them with all samples, what somebody decided, and took back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from typing_extensions import TypedDict

from identity.core.clusters import NOISE
from identity.documents.clusters import GroupFields, group_fields
from identity.documents.samples import PlacedFields, placed_fields

if TYPE_CHECKING:
    from identity.core.clusters import PastDecision
    from identity.core.types import Sample
    from identity.gallery.listing import Person, PersonSamples
    from identity.workflows.cluster.groups import Group


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


class PersonSampleFields(PlacedFields):
    """A sample of somebody; `cluster` is -1 for noise."""

    cluster: int
    confirmed: bool


class PersonFields(TypedDict):
    """A cluster or a name with its samples."""

    gallery: str
    identity: str | None
    samples: list[PersonSampleFields]


class DecisionFields(TypedDict):
    """What was decided, and the clusters afterwards."""

    gallery: str
    decision: str
    clusters: list[GroupFields]


class PastDecisionFields(TypedDict):
    """One decision. `clusters` are those that its samples lay in before, `identities` the names of now."""

    id: int
    made_at: str
    decision: str
    n_samples: int
    clusters: list[int]
    identities: list[str]
    undone_at: str | None


class PeopleHistoryFields(TypedDict):
    """Every decision of people, oldest first."""

    gallery: str
    decisions: list[PastDecisionFields]


class PeopleUndoFields(TypedDict):
    """The decision that was taken back."""

    gallery: str
    undone: PastDecisionFields


def people_fields(gallery: str, people: Iterable[Person]) -> PeopleFields:
    """Everybody."""
    found: list[SomebodyFields] = [
        {"id": one.cluster, "identity": one.identity, "size": one.samples, "confirmed": one.confirmed} for one in people
    ]
    return {"gallery": gallery, "people": found}


def person_fields(gallery: str, person: PersonSamples) -> PersonFields:
    """Somebody's samples, with the cluster that each is in."""
    found: list[PersonSampleFields] = [
        {
            **placed_fields(one.sample),
            "cluster": NOISE if one.cluster is None else one.cluster,
            "confirmed": one.sample.identity is not None,
        }
        for one in person.samples
    ]
    return {"gallery": gallery, "identity": person.identity, "samples": found}


def decision_fields(gallery: str, decision: str, groups: Iterable[Group], held: Mapping[int, Sample]) -> DecisionFields:
    """A decision, and the clusters with their samples by id."""
    clusters = [group_fields(group, held) for group in groups]
    return {"gallery": gallery, "decision": decision, "clusters": clusters}


def people_history_fields(gallery: str, decisions: Iterable[PastDecision]) -> PeopleHistoryFields:
    """Decisions in the order given."""
    return {"gallery": gallery, "decisions": [_past(one) for one in decisions]}


def people_undo_fields(gallery: str, undone: PastDecision) -> PeopleUndoFields:
    """A decision taken back."""
    return {"gallery": gallery, "undone": _past(undone)}


def _past(one: PastDecision) -> PastDecisionFields:
    return {
        "id": one.id,
        "made_at": one.made_at,
        "decision": one.note,
        "n_samples": one.n_samples,
        "clusters": list(one.clusters),
        "identities": list(one.names),
        "undone_at": one.undone_at,
    }
