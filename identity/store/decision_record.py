"""Writes down beside a decision what was before it, in the transaction of the decision itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, insert, select

from identity.core.clusters import NOISE
from identity.core.types import NO_ID, GalleryRecord
from identity.store import sample_changes, sealed_rows
from identity.store import tables as t
from identity.store.cluster_reading import labels_of
from identity.store.cluster_tables import cluster_run, party, party_member, refusal
from identity.store.decision_tables import decision, decision_refusal, decision_rename, decision_sample
from identity.store.rows import now, portions
from identity.store.seals import resealed

Refusals = Mapping[int, tuple[Any, ...]]  # by id: party, sample, identity, when


@dataclass(frozen=True, slots=True)
class Moment:
    """How things stand: identities and parties of some samples, all refusals, and the newest run."""

    identities: Mapping[int, int | None]
    parties: Mapping[int, tuple[int, str]]
    refusals: Refusals
    run: int


def moment(connection: Connection, gallery: GalleryRecord, samples: Iterable[int]) -> Moment:
    """How things stand now."""
    identities, parties = dict[int, int | None](), dict[int, tuple[int, str]]()
    s, m = t.sample.c, party_member.c
    for portion in portions(samples):
        mine = select(s.id, s.identity_id).where(s.gallery_id == gallery.id, s.id.in_(portion))
        identities |= dict(connection.execute(mine).all())
        joined = select(m.sample_id, m.party_id, party.c.decided_at).join_from(party_member, party)
        rows = connection.execute(joined.where(m.sample_id.in_(portion)))
        parties |= {sample: (one, made_at) for sample, one, made_at in rows}
    newest = select(func.max(cluster_run.c.id)).where(cluster_run.c.gallery_id == gallery.id)
    return Moment(identities, parties, refusals(connection, gallery), connection.execute(newest).scalar() or 0)


def refusals(connection: Connection, gallery: GalleryRecord) -> Refusals:
    """Every refusal of a party that has members."""
    c = refusal.c
    member = select(party_member.c.party_id)
    found = select(c.id, c.party_id, c.sample_id, c.identity_id, c.decided_at).join_from(refusal, party)
    rows = connection.execute(found.where(party.c.gallery_id == gallery.id, c.party_id.in_(member)))
    return {id_: tuple(values) for id_, *values in rows}


@contextmanager
def recorded(
    connection: Connection, gallery: GalleryRecord, note: str, samples: Iterable[int], *, renamed: int = NO_ID
) -> Iterator[None]:
    """Record as a decision about these samples what the block changes; it must move no party of another sample."""
    about = list(dict.fromkeys(samples))
    clusters, before = labels_of(connection, about), moment(connection, gallery, about)
    called = connection.execute(select(t.identity.c.name).where(t.identity.c.id == renamed)).scalar()
    yield
    after = moment(connection, gallery, about)
    newest = int(connection.execute(select(func.max(decision.c.id))).scalar() or 0)
    with resealed(connection, gallery, sealed_rows.history(gallery, after=newest)):
        made = _insert(connection, gallery, note, before, after)
        rows = [_sample(made, sample, clusters.get(sample, NOISE), before, after) for sample in before.identities]
        _add(connection, decision_sample, rows)
        _add(connection, decision_refusal, _taken_back(made, before.refusals, after.refusals))
        if called is not None:
            _add(connection, decision_rename, [{"decision_id": made, "identity_id": renamed, "name": called}])


def relabel(connection: Connection, gallery: GalleryRecord, ids: Sequence[int], name: str | None) -> int:
    """Give samples another name, or none, as a decision; how many changed."""
    changing = sample_changes.with_another_name(connection, gallery, ids, name)
    if not changing:
        return sample_changes.relabel(connection, gallery, ids, name)  # which counts as a change, as ever
    with recorded(connection, gallery, "relabel", changing):
        return sample_changes.relabel(connection, gallery, ids, name)


def _insert(connection: Connection, gallery: GalleryRecord, note: str, before: Moment, after: Moment) -> int:
    made = after.refusals.keys() - before.refusals.keys()
    values = {
        "gallery_id": gallery.id,
        "made_at": now(),
        "note": note,
        "run_id": after.run if after.run != before.run else None,
        "refused_from": min(made, default=None),
        "refused_to": max(made, default=None),
    }
    return int(connection.execute(insert(decision).values(**values).returning(decision.c.id)).scalar_one())


def _sample(made: int, sample: int, cluster: int, before: Moment, after: Moment) -> dict[str, Any]:
    party_id, party_at = before.parties.get(sample, (None, None))
    return {
        "decision_id": made,
        "sample_id": sample,
        "cluster": cluster,
        "identity_id": before.identities[sample],
        "identity_after": after.identities[sample],
        "party_id": party_id,
        "party_at": party_at,
        "party_after": after.parties.get(sample, (None, None))[0],
    }


def _taken_back(made: int, before: Refusals, after: Refusals) -> list[dict[str, Any]]:
    names = ("party_id", "sample_id", "identity_id", "decided_at")
    return [
        {"decision_id": made, "refusal_id": id_, **dict(zip(names, values, strict=True))}
        for id_, values in before.items()
        if after.get(id_) != values
    ]


def _add(connection: Connection, table: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    for start in range(0, len(rows), 2000):
        connection.execute(insert(table), rows[start : start + 2000])
