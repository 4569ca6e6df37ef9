"""Takes a decision back: its samples have the identity, the party and the refusals that they had before, as has a name.

What was decided later, or came from elsewhere, is never lost by it: where it would be, the undo is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from identity.core.errors import NotFoundError, UsageError
from identity.core.types import GalleryRecord
from identity.store import asides, decision_labels, decision_names, parties, sample_changes, sealed_rows
from identity.store import decision_conflicts as conflicts
from identity.store import tables as t
from identity.store.cluster_tables import party, refusal
from identity.store.decision_record import refusals
from identity.store.decision_tables import decision, decision_refusal, decision_rename, decision_sample
from identity.store.rows import now, portions
from identity.store.seals import resealed


def undo(connection: Connection, gallery: GalleryRecord, wanted: int | None) -> int:
    """Take a decision back in the caller's transaction, the latest where none is said; its id."""
    made = _find(connection, gallery, wanted)
    before = _before(connection, made.id)
    conflicts.require_untouched(connection, gallery, made, before)
    with _losing_no_refusal(connection, gallery, made):
        decided = sealed_rows.decisions(gallery)
        with resealed(connection, gallery, [*decided, sealed_rows.identities(gallery), sealed_rows.former(gallery)]):
            _rename_back(connection, gallery, made.id)
            _revive(connection, gallery, made.id, before)
            _restore_parties(connection, gallery, before)
            _restore_refusals(connection, gallery, made)
        _restore_identities(connection, gallery, before)
        conflicts.require_every_rename(connection, gallery, made.id, before)
        with resealed(connection, gallery, decided):
            parties.drop_empty(connection, gallery)
    with resealed(connection, gallery, sealed_rows.asides(row.sample_id for row in before)):
        asides.restore(connection, made.id)
    if made.run_id is not None:
        decision_labels.take_back(connection, gallery, made.run_id)
    with resealed(connection, gallery, sealed_rows.history_of_undo(gallery, made.id)):
        connection.execute(update(decision).where(decision.c.id == made.id).values(undone_at=now()))
        decision_names.drop_useless(connection, gallery)
    return int(made.id)


def _find(connection: Connection, gallery: GalleryRecord, wanted: int | None) -> Row[Any]:
    mine = select(*decision.c).where(decision.c.gallery_id == gallery.id)
    in_force = mine.where(decision.c.undone_at.is_(None)).order_by(decision.c.id.desc()).limit(1)
    found = connection.execute(in_force if wanted is None else mine.where(decision.c.id == wanted)).first()
    listed = f"see 'identity people history -g {gallery.name}'"
    if found is None:
        which = "no decision to undo" if wanted is None else f"no decision {wanted}"
        raise NotFoundError(f"gallery '{gallery.name}' has {which}: {listed}")
    if found.undone_at is not None:
        raise UsageError(f"decision {wanted} was undone already: {listed}")
    return found


def _before(connection: Connection, made: int) -> Sequence[Row[Any]]:
    return connection.execute(select(*decision_sample.c).where(decision_sample.c.decision_id == made)).all()


@contextmanager
def _losing_no_refusal(connection: Connection, gallery: GalleryRecord, made: Row[Any]) -> Iterator[None]:
    """Raises `UsageError` where the block takes something away that was refused apart from this decision."""
    held = refusals(connection, gallery)
    c = decision_refusal.c
    own = set(connection.execute(select(c.refusal_id).where(c.decision_id == made.id)).scalars())
    yield
    lost = held.keys() - refusals(connection, gallery).keys() - own
    others = [one for one in lost if not conflicts.is_refusal_of(made, one)]
    if others:
        conflicts.refuse_for_refusal(connection, gallery, made, max(others))


def _rename_back(connection: Connection, gallery: GalleryRecord, made: int) -> None:
    c = decision_rename.c
    found = connection.execute(select(c.identity_id, c.name).where(c.decision_id == made)).first()
    if found is None:
        return
    same = (t.identity.c.gallery_id == gallery.id) & (t.identity.c.name == found.name)
    if connection.execute(select(t.identity.c.id).where(same, t.identity.c.id != found.identity_id)).first():
        raise conflicts.name_in_use(made, found.name)
    connection.execute(update(t.identity).where(t.identity.c.id == found.identity_id).values(name=found.name))


def _revive(connection: Connection, gallery: GalleryRecord, made: int, before: Sequence[Row[Any]]) -> None:
    wanted = {row.identity_id for row in before} - {None}
    taken = decision_names.revive(connection, gallery, wanted)
    if taken:
        raise conflicts.name_in_use(made, taken[0])


def _restore_parties(connection: Connection, gallery: GalleryRecord, before: Sequence[Row[Any]]) -> None:
    moved = [row for row in before if row.party_id != row.party_after]
    parties.leave(connection, [row.sample_id for row in moved])
    wanted = {row.party_id: row.party_at for row in moved if row.party_id is not None}
    for portion in portions(wanted):
        there = set(connection.execute(select(party.c.id).where(party.c.id.in_(portion))).scalars())
        made = [{"id": one, "gallery_id": gallery.id, "decided_at": wanted[one]} for one in portion if one not in there]
        if made:
            connection.execute(insert(party), made)
    parties.join(connection, {row.sample_id: row.party_id for row in moved if row.party_id is not None})


def _restore_refusals(connection: Connection, gallery: GalleryRecord, made: Row[Any]) -> None:
    """Those that it made go, those that it took back or moved are as before; not those of decisions undone since."""
    mine = select(party.c.id).where(party.c.gallery_id == gallery.id)
    c, r = refusal.c, decision_refusal.c
    if made.refused_from is not None:
        own = (c.party_id.in_(mine), c.id >= made.refused_from, c.id <= made.refused_to)
        connection.execute(delete(refusal).where(*own))
    taken_back = connection.execute(select(*decision_refusal.c).where(r.decision_id == made.id)).all()
    for portion in portions(row.refusal_id for row in taken_back):
        connection.execute(delete(refusal).where(c.party_id.in_(mine), c.id.in_(portion)))
    there = set(connection.execute(mine).scalars())
    known = {None, *conflicts.identities(connection, gallery)}
    undone = conflicts.undone_refusals(connection, gallery)
    rows = [
        {"id": row.refusal_id, **{name: getattr(row, name) for name in row._fields[2:]}}
        for row in taken_back
        if row.party_id in there and row.identity_id in known and not undone(row.refusal_id)
    ]
    for start in range(0, len(rows), 2000):
        connection.execute(insert(refusal), rows[start : start + 2000])


def _restore_identities(connection: Connection, gallery: GalleryRecord, before: Sequence[Row[Any]]) -> None:
    """An identity that was forgotten since stays so: who had it has none."""
    moved = {row.sample_id: row.identity_id for row in before if row.identity_id != row.identity_after}
    if not moved:
        return
    known = conflicts.identities(connection, gallery)
    sample_changes.give_back(
        connection, gallery, {sample: one if one in known else None for sample, one in moved.items()}
    )
