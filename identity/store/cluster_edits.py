"""Writes down what people decided: names, parties of one person, and pairings that may never be made again."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from identity.core.clusters import ClusterEdit
from identity.core.errors import UsageError
from identity.core.types import NO_ID, GalleryRecord, Ids
from identity.store import asides, parties, sealed_rows
from identity.store import sample_changes as changing
from identity.store import tables as t
from identity.store.cluster_tables import party_member, refusal
from identity.store.rows import now, portions
from identity.store.seals import resealed


def write(connection: Connection, gallery: GalleryRecord, edit: ClusterEdit) -> None:
    """All parts of an edit, in the caller's transaction. Raises `UsageError` for a new name that is taken."""
    _require_ours(connection, gallery, edit)
    decided = sealed_rows.decisions(gallery)
    with resealed(connection, gallery, [*decided, sealed_rows.identities(gallery)]):
        if len(edit.apart):
            _part(connection, gallery, edit)
        if len(edit.together):
            _bond(connection, gallery, edit.together)
        if edit.renamed != NO_ID:
            _rename(connection, gallery, edit)
    with resealed(connection, gallery, sealed_rows.asides([*edit.aside.tolist(), *edit.back.tolist()])):
        asides.put(connection, edit.aside.tolist())
        asides.take_back(connection, edit.back.tolist())
    if len(edit.named):
        changing.relabel(connection, gallery, edit.named.tolist(), edit.name)
    with resealed(connection, gallery, decided):
        parties.drop_empty(connection, gallery)


def touched_by(connection: Connection, edit: ClusterEdit) -> list[int]:
    """Every sample that an edit is about, with those who change their party along with them."""
    together = edit.together.tolist()
    mates = parties.members(connection, parties.of_samples(connection, together).values())
    decided = (edit.labels.samples, edit.named, edit.apart, edit.aside, edit.back)
    return [*(sample for part in decided for sample in part.tolist()), *together, *mates]


def _require_ours(connection: Connection, gallery: GalleryRecord, edit: ClusterEdit) -> None:
    parts = (edit.apart, edit.together, edit.named, edit.aside, edit.back)
    named = {sample for part in parts for sample in part.tolist()}
    held: set[int] = set()
    for portion in portions(named):
        found = select(t.sample.c.id).where(t.sample.c.gallery_id == gallery.id, t.sample.c.id.in_(portion))
        held.update(connection.execute(found).scalars())
    if named - held:
        raise UsageError(f"gallery '{gallery.name}' has no sample {min(named - held)}: see 'identity samples list'")


def _part(connection: Connection, gallery: GalleryRecord, edit: ClusterEdit) -> None:
    targets: list[dict[str, int | None]] = [
        {"sample_id": sample, "identity_id": None} for sample in edit.not_samples.tolist()
    ]
    if edit.not_identity != NO_ID:
        targets.append({"sample_id": None, "identity_id": edit.not_identity})
    parted = _separate(connection, gallery, edit.apart.tolist(), as_=edit.apart_as)
    decided_at = now()
    rows = [{"party_id": one, "decided_at": decided_at, **target} for one in parted for target in targets]
    if rows:
        connection.execute(insert(refusal), rows)


def _separate(connection: Connection, gallery: GalleryRecord, samples: list[int], *, as_: str) -> list[int]:
    """The parties that these samples are from now on."""
    if as_ == "one":
        parties.leave(connection, samples)
        made = parties.new(connection, gallery)
        parties.join(connection, dict.fromkeys(samples, made))
        return [made]
    if as_ == "each":
        parties.leave(connection, samples)
    kept = parties.of_samples(connection, samples)
    parted = {sample: kept.get(sample) or parties.new(connection, gallery) for sample in samples}
    parties.join(connection, {sample: one for sample, one in parted.items() if sample not in kept})
    return sorted(set(parted.values()))


def _bond(connection: Connection, gallery: GalleryRecord, samples: Ids) -> None:
    """One party out of these samples and all their parties; what was refused between them is taken back."""
    together = samples.tolist()
    made = parties.new(connection, gallery)
    for old in sorted(set(parties.of_samples(connection, together).values())):
        connection.execute(update(party_member).where(party_member.c.party_id == old).values(party_id=made))
        connection.execute(update(refusal).where(refusal.c.party_id == old).values(party_id=made))
    parties.leave(connection, together)
    parties.join(connection, dict.fromkeys(together, made))
    members = select(party_member.c.sample_id).where(party_member.c.party_id == made)
    connection.execute(delete(refusal).where(refusal.c.party_id == made, refusal.c.sample_id.in_(members)))


def _rename(connection: Connection, gallery: GalleryRecord, edit: ClusterEdit) -> None:
    """The identity keeps its id, its thresholds and what it was refused as; only the name is another."""
    mine = (t.identity.c.gallery_id == gallery.id) & (t.identity.c.id == edit.renamed)
    try:
        connection.execute(update(t.identity).where(mine).values(name=edit.name))
    except IntegrityError as error:
        raise UsageError(f"the name '{edit.name}' is in use: join the two with 'identity people merge'") from error
