"""Lists what people decided, with the names that those concerned have now."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import ColumnElement, Connection, func, or_, select

from identity.core.clusters import NOISE, PastDecision
from identity.core.types import GalleryRecord
from identity.store import tables as t
from identity.store.decision_tables import decision, decision_rename, decision_sample


def decisions(connection: Connection, gallery: GalleryRecord, *, only: int | None = None) -> list[PastDecision]:
    """Every decision of a gallery, oldest first, or one of them."""
    c, s = decision.c, decision_sample.c
    mine = (c.gallery_id == gallery.id) if only is None else (c.id == only)
    counted = select(s.decision_id, s.cluster, func.count()).join_from(decision_sample, decision)
    samples: dict[int, dict[int, int]] = defaultdict(dict)
    for id_, cluster, count in connection.execute(counted.where(mine).group_by(s.decision_id, s.cluster)):
        samples[id_][cluster] = count
    names = _names(connection, mine)
    found = select(c.id, c.made_at, c.note, c.undone_at).where(mine).order_by(c.id)
    return [
        PastDecision(
            id_, made_at, note, sum(samples[id_].values()), tuple(sorted(samples[id_].keys() - {NOISE})),
            tuple(sorted(names[id_])), undone_at,
        )
        for id_, made_at, note, undone_at in connection.execute(found)
    ]  # fmt: skip


def _names(connection: Connection, mine: ColumnElement[bool]) -> dict[int, set[str]]:
    """The names in force of identities that the samples had before or after, or that were renamed."""
    names: dict[int, set[str]] = defaultdict(set)
    s, r = decision_sample.c, decision_rename.c
    of_samples = or_(t.identity.c.id == s.identity_id, t.identity.c.id == s.identity_after)
    renamed = t.identity.c.id == r.identity_id
    asked = (
        select(s.decision_id, t.identity.c.name).join_from(decision_sample, t.identity, of_samples).distinct(),
        select(r.decision_id, t.identity.c.name).join_from(decision_rename, t.identity, renamed),
    )
    for one in asked:
        for id_, name in connection.execute(one.join(decision).where(mine)):
            names[id_].add(name)
    return names
