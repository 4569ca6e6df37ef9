"""Relabels and removes samples, and leaves word of it: for the snapshot that still has them, and for thresholds.

An image without samples goes too, and so does an identity: a forgotten person leaves neither a path nor a name.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, exists, func, insert, select, update

from identity.core.types import GalleryRecord, Role
from identity.store import asides, decision_names, forgotten_paths, removals, sample_bytes, sealed_rows
from identity.store import tables as t
from identity.store.rows import count_change, identity_ids, portions
from identity.store.seals import Sealed, resealed


@dataclass(frozen=True, slots=True)
class _Held:
    id: int
    image: int
    identity: int | None
    role: str


def relabel(connection: Connection, gallery: GalleryRecord, ids: Sequence[int], name: str | None) -> int:
    """Give samples another identity, made where it is new, or none; how many changed. Who has a name is not aside."""
    change = count_change(connection, gallery)
    held = _read_held(connection, gallery, ids)
    ids = [one.id for one in held]
    with resealed(connection, gallery, [*sealed_rows.samples(ids), *sealed_rows.asides(ids), *_left(gallery)]):
        identity = identity_ids(connection, gallery, [name])[name] if held else None
        moved = [sample for sample in held if sample.identity != identity]
        for portion in portions(sample.id for sample in moved):
            connection.execute(update(t.sample).where(t.sample.c.id.in_(portion)).values(identity_id=identity))
        if identity is not None:
            asides.take_back(connection, [sample.id for sample in moved])
        decision_names.keep(connection, gallery, _leave_word(connection, gallery, moved, change=change))
    return len(moved)


def with_another_name(
    connection: Connection, gallery: GalleryRecord, ids: Sequence[int], name: str | None
) -> list[int]:
    """Those of the samples that `relabel` would change."""
    mine = (t.identity.c.gallery_id == gallery.id) & (t.identity.c.name == name)
    known = None if name is None else connection.execute(select(t.identity.c.id).where(mine)).scalar()
    held = _read_held(connection, gallery, ids)
    return [one.id for one in held if one.identity != known or (known is None and name is not None)]


def give_back(connection: Connection, gallery: GalleryRecord, identities: Mapping[int, int | None]) -> None:
    """Give each sample the identity that it had: those are all there."""
    change = count_change(connection, gallery)
    moved = [one for one in _read_held(connection, gallery, identities) if one.identity != identities[one.id]]
    bearers: dict[int | None, list[int]] = defaultdict(list)
    for sample in moved:
        bearers[identities[sample.id]].append(sample.id)
    with resealed(connection, gallery, [*sealed_rows.samples(one.id for one in moved), *_left(gallery)]):
        for identity, samples in bearers.items():
            for portion in portions(samples):
                connection.execute(update(t.sample).where(t.sample.c.id.in_(portion)).values(identity_id=identity))
        decision_names.keep(connection, gallery, _leave_word(connection, gallery, moved, change=change))


def remove(
    connection: Connection, gallery: GalleryRecord, ids: Sequence[int], *, images: Sequence[int] = ()
) -> int:
    """Delete samples with vector and crop, and write down that their bytes are to be erased; how many there were.

    The `images` go too once no sample is left of them. The name of an identity that nobody is any more goes out of
    every path.
    """
    change = count_change(connection, gallery)
    held = _read_held(connection, gallery, ids)
    samples = [one.id for one in held]
    left_behind = _names_left_behind(connection, held)
    names = forgotten_paths.names_in_paths(connection, gallery, left_behind)
    naming = forgotten_paths.images_that_name(connection, gallery, names)
    going = {*images, *(one.image for one in held), *naming}
    touched = [*sealed_rows.samples(samples), *sealed_rows.images(going), *sealed_rows.labels_of_samples(samples)]
    touched += [*sealed_rows.history_of_samples(gallery, samples), *sealed_rows.asides(samples)]
    with resealed(connection, gallery, [*touched, *_gone(gallery)]):
        for portion in portions(samples):
            sample_bytes.delete_of_samples(connection, portion)
            connection.execute(delete(t.sample).where(t.sample.c.id.in_(portion)))
        for portion in portions(going):
            connection.execute(delete(t.image).where(t.image.c.id.in_(portion), _UNUSED))
        forgotten_paths.take_out(connection, gallery, names, naming)
        _leave_word(connection, gallery, held, change=change)
        decision_names.forget(connection, gallery, left_behind)
    if held or images:
        removals.note(connection, gallery)
    return len(held)


_UNUSED = ~exists().where(t.sample.c.image_id == t.image.c.id)


def _left(gallery: GalleryRecord) -> list[Sealed]:
    """What goes, is kept by number, or becomes stale, when the last sample of an identity gets another."""
    return [*_gone(gallery), sealed_rows.former(gallery)]


def _gone(gallery: GalleryRecord) -> list[Sealed]:
    """What goes, or becomes stale, with the last sample of an identity."""
    return [sealed_rows.identities(gallery), *sealed_rows.thresholds(gallery), *sealed_rows.decisions(gallery)]


def _names_left_behind(connection: Connection, held: Sequence[_Held]) -> list[str]:
    """Names of identities whose samples are all among these."""
    going = Counter(one.identity for one in held if one.identity is not None)
    gone: list[str] = []
    c = t.sample.c
    for portion in portions(going):
        total = select(t.identity.c.id, t.identity.c.name, func.count()).join_from(t.identity, t.sample)
        rows = connection.execute(total.where(c.identity_id.in_(portion)).group_by(t.identity.c.id, t.identity.c.name))
        gone += [name for id_, name, count in rows if count == going[id_]]
    return gone


def _read_held(connection: Connection, gallery: GalleryRecord, ids: Iterable[int]) -> list[_Held]:
    c = t.sample.c
    held: list[_Held] = []
    for portion in portions(int(sample) for sample in ids):
        found = select(c.id, c.image_id, c.identity_id, c.role).where(c.gallery_id == gallery.id, c.id.in_(portion))
        held += [_Held(*row) for row in connection.execute(found)]
    return held


def _leave_word(
    connection: Connection, gallery: GalleryRecord, left: Sequence[_Held], *, change: int
) -> list[tuple[int, str]]:
    """The identities that nobody is any more, with their names: they are gone."""
    searched = [sample.id for sample in left if sample.role == Role.GALLERY.value]
    _supersede(connection, gallery, searched, change=change)
    gone: list[tuple[int, str]] = []
    for portion in portions(sample.identity for sample in left if sample.identity is not None):
        of_identity = t.calibration_class.c.identity_id.in_(portion)
        connection.execute(update(t.calibration_class).where(of_identity).values(stale=True))
        unused = ~exists().where(t.sample.c.identity_id == t.identity.c.id)
        going = delete(t.identity).where(t.identity.c.id.in_(portion), unused)
        gone += [(id_, name) for id_, name in connection.execute(going.returning(t.identity.c.id, t.identity.c.name))]
    return gone


def _supersede(connection: Connection, gallery: GalleryRecord, ids: Sequence[int], *, change: int) -> None:
    c = t.superseded.c
    for portion in portions(ids):
        connection.execute(delete(t.superseded).where(c.gallery_id == gallery.id, c.sample_id.in_(portion)))
        rows = [{"gallery_id": gallery.id, "sample_id": sample, "change": change} for sample in portion]
        connection.execute(insert(t.superseded), rows)
