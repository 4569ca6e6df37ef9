"""The names that the history of decisions holds: of identities that nobody is any more, and those before a rename.

They are what an undo gives back, and nothing else: a name goes when there is no sample left to give it to, and when
somebody of this name is forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, delete, exists, insert, select

from identity.core.types import GalleryRecord
from identity.store import tables as t
from identity.store.decision_tables import decision, decision_rename, decision_sample, former_identity
from identity.store.rows import portions


def keep(connection: Connection, gallery: GalleryRecord, gone: Sequence[tuple[int, str]]) -> None:
    """Write down what identities (id, name) were called that nobody is any more."""
    if gone:
        rows = [{"identity_id": id_, "gallery_id": gallery.id, "name": name} for id_, name in gone]
        connection.execute(insert(former_identity), rows)


def revive(connection: Connection, gallery: GalleryRecord, ids: Iterable[int]) -> list[str]:
    """Make these identities again with their names; the names of those that cannot be, which are borne by others."""
    taken: list[str] = []
    f = former_identity.c
    for portion in portions(ids):
        asked = (f.gallery_id == gallery.id) & f.identity_id.in_(portion)
        same = (t.identity.c.gallery_id == gallery.id) & (t.identity.c.name == f.name)
        taken += connection.execute(select(f.name).where(asked, exists().where(same))).scalars()
        former = connection.execute(select(f.identity_id, f.name).where(asked, ~exists().where(same))).all()
        if former and not taken:
            rows = [{"id": id_, "gallery_id": gallery.id, "name": name} for id_, name in former]
            connection.execute(insert(t.identity), rows)
            connection.execute(delete(former_identity).where(asked))
    return taken


def forget(connection: Connection, gallery: GalleryRecord, names: Sequence[str]) -> None:
    """After samples were deleted: no name of who was forgotten, and no decision about nobody that is left, stays."""
    f, r = former_identity.c, decision_rename.c
    mine = select(decision.c.id).where(decision.c.gallery_id == gallery.id)
    for portion in portions(names):
        connection.execute(delete(former_identity).where(f.gallery_id == gallery.id, f.name.in_(portion)))
        connection.execute(delete(decision_rename).where(r.decision_id.in_(mine), r.name.in_(portion)))
    drop_useless(connection, gallery)
    about = exists().where(decision_sample.c.decision_id == decision.c.id)
    renamed = exists().where(r.decision_id == decision.c.id)
    connection.execute(delete(decision).where(decision.c.gallery_id == gallery.id, ~about, ~renamed))


def drop_useless(connection: Connection, gallery: GalleryRecord) -> None:
    """Delete the names that no undo would give back."""
    f, r, s = former_identity.c, decision_rename.c, decision_sample.c
    in_force = select(decision.c.id).where(decision.c.gallery_id == gallery.id, decision.c.undone_at.is_(None))
    wanted = exists().where(s.identity_id == f.identity_id, s.decision_id.in_(in_force))
    connection.execute(delete(former_identity).where(f.gallery_id == gallery.id, ~wanted))
    borne = exists().where(t.identity.c.id == r.identity_id) | exists().where(f.identity_id == r.identity_id)
    mine = select(decision.c.id).where(decision.c.gallery_id == gallery.id)
    connection.execute(delete(decision_rename).where(r.decision_id.in_(mine), ~borne))
