"""Parties, samples that people said are one and the same: made, joined, left, and dropped where nobody is in them."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, delete, exists, insert, select

from identity.core.types import GalleryRecord
from identity.store.cluster_tables import party, party_member
from identity.store.rows import now, portions


def of_samples(connection: Connection, samples: Iterable[int]) -> dict[int, int]:
    """The party of each of these samples that is in one."""
    c, found = party_member.c, dict[int, int]()
    for portion in portions(samples):
        found |= dict(connection.execute(select(c.sample_id, c.party_id).where(c.sample_id.in_(portion))).all())
    return found


def new(connection: Connection, gallery: GalleryRecord) -> int:
    """A party with nobody in it."""
    made = insert(party).values(gallery_id=gallery.id, decided_at=now()).returning(party.c.id)
    return int(connection.execute(made).scalar_one())


def leave(connection: Connection, samples: Iterable[int]) -> None:
    """These samples are in no party."""
    for portion in portions(samples):
        connection.execute(delete(party_member).where(party_member.c.sample_id.in_(portion)))


def join(connection: Connection, parties: dict[int, int]) -> None:
    """Samples, each with its party."""
    rows = [{"sample_id": sample, "party_id": one} for sample, one in parties.items()]
    for portion in (rows[at : at + 2000] for at in range(0, len(rows), 2000)):
        connection.execute(insert(party_member), portion)


def members(connection: Connection, parties: Iterable[int]) -> list[int]:
    """All samples of these parties."""
    c, found = party_member.c, list[int]()
    for portion in portions(parties):
        found += connection.execute(select(c.sample_id).where(c.party_id.in_(portion))).scalars()
    return found


def drop_empty(connection: Connection, gallery: GalleryRecord) -> None:
    """Delete the parties that nobody is in, with what was refused of them."""
    members = exists().where(party_member.c.party_id == party.c.id)
    connection.execute(delete(party).where(party.c.gallery_id == gallery.id, ~members))
