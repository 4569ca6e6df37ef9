"""Samples that people set aside: written, taken back, and what a decision has to remember of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from identity.core.types import GalleryRecord
from identity.store import tables as t
from identity.store.cluster_tables import set_aside
from identity.store.decision_tables import decision_aside
from identity.store.rows import now, portions


def put(connection: Connection, samples: Iterable[int], *, at: str | None = None) -> None:
    """Set samples aside that are not, `at` some time or now."""
    decided_at = at or now()
    for portion in portions(samples):
        connection.execute(insert(set_aside), [{"sample_id": one, "decided_at": decided_at} for one in portion])


def take_back(connection: Connection, samples: Iterable[int]) -> None:
    """These samples are not set aside."""
    for portion in portions(samples):
        connection.execute(delete(set_aside).where(set_aside.c.sample_id.in_(portion)))


def since(connection: Connection, samples: Iterable[int]) -> dict[int, str]:
    """When each of these samples that is set aside was."""
    c, found = set_aside.c, dict[int, str]()
    for portion in portions(samples):
        found |= dict(connection.execute(select(c.sample_id, c.decided_at).where(c.sample_id.in_(portion))).all())
    return found


def of_gallery(connection: Connection, gallery: GalleryRecord) -> Sequence[Row[Any]]:
    """Every sample of a gallery that is set aside."""
    found = select(set_aside.c.sample_id).join_from(set_aside, t.sample)
    return connection.execute(found.where(t.sample.c.gallery_id == gallery.id)).all()


def changed(made: int, before: Mapping[int, str], after: Mapping[int, str]) -> list[dict[str, Any]]:
    """The rows of a decision's history: each sample that it set aside or brought back."""
    moved = sorted(before.keys() ^ after.keys())
    return [{"decision_id": made, "sample_id": one, "set_at": before.get(one)} for one in moved]


def restore(connection: Connection, made: int) -> None:
    """What a decision set aside is not, what it brought back is as it was."""
    c = decision_aside.c
    rows = connection.execute(select(c.sample_id, c.set_at).where(c.decision_id == made)).all()
    take_back(connection, [sample for sample, _ in rows])
    again: dict[str, list[int]] = {}
    for sample, set_at in rows:
        if set_at is not None:
            again.setdefault(set_at, []).append(sample)
    for set_at, samples in again.items():
        put(connection, samples, at=set_at)
