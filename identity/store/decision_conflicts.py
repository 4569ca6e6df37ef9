"""What an undo would take away with it: then it is refused, with the decision that has to be undone first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, exists, func, or_, select

from identity.core.errors import UsageError
from identity.core.types import GalleryRecord
from identity.store import tables as t
from identity.store.decision_record import moment
from identity.store.decision_tables import decision, decision_rename, decision_sample


def name_in_use(made: int, name: str) -> UsageError:
    """The error for a name that somebody else got since."""
    return UsageError(
        f"decision {made} took the name '{name}' from somebody, and another bears it by now: give that one another "
        "name with 'identity people name', then undo it"
    )


def require_untouched(
    connection: Connection, gallery: GalleryRecord, made: Row[Any], before: Sequence[Row[Any]]
) -> None:
    """Raise `UsageError` where samples or identities of a decision were touched since."""
    for later in (_about_the_same(made.id), _renaming_who_was_there(made.id), _about_who_was_renamed(made.id)):
        found = connection.execute(_in_force(later, gallery)).scalar()
        if found is not None:
            raise _first(made.id, found, "is about the same samples or the same person")
    _require_as_left(connection, gallery, made, before)


def require_every_rename(
    connection: Connection, gallery: GalleryRecord, made: int, before: Sequence[Row[Any]]
) -> None:
    """Raise `UsageError` where the undo took away who was renamed by another decision."""
    there = exists().where(t.identity.c.id == decision_rename.c.identity_id)
    after = {row.identity_after for row in before} - {None}
    newest = select(func.max(decision_rename.c.decision_id)).join_from(decision_rename, decision).where(
        ~there, decision_rename.c.identity_id.in_(after), decision_rename.c.decision_id != made
    )
    found = connection.execute(_in_force(newest, gallery)).scalar()
    if found is not None:
        raise _first(made, found, "gives another name to who was named by it")


def identities(connection: Connection, gallery: GalleryRecord) -> set[int]:
    """Whom there is by now."""
    return set(connection.execute(select(t.identity.c.id).where(t.identity.c.gallery_id == gallery.id)).scalars())


def is_refusal_of(made: Row[Any], refusal: int) -> bool:
    """Whether a decision made this refusal."""
    return made.refused_from is not None and made.refused_from <= refusal <= made.refused_to


def undone_refusals(connection: Connection, gallery: GalleryRecord) -> Callable[[int], bool]:
    """Says whether a refusal was made by a decision that is undone."""
    c = decision.c
    undone = (c.gallery_id == gallery.id, c.undone_at.is_not(None), c.refused_from.is_not(None))
    made = connection.execute(select(c.refused_from, c.refused_to).where(*undone)).all()
    return lambda refusal: any(row.refused_from <= refusal <= row.refused_to for row in made)


def refuse_for_refusal(connection: Connection, gallery: GalleryRecord, made: Row[Any], refusal: int) -> None:
    """Raise `UsageError` for a refusal that the undo would take away."""
    c = decision.c
    ours = select(func.max(c.id)).where(c.refused_from <= refusal, c.refused_to >= refusal)
    found = connection.execute(_in_force(ours, gallery)).scalar()
    if found is not None:
        raise _first(made.id, found, "says who is not the person whom it named")
    raise UsageError(
        f"of the person whom decision {made.id} named, something imported since says who it is not: correct the "
        "samples with 'identity samples relabel'"
    )


def _in_force(newest: Any, gallery: GalleryRecord) -> Any:
    """The same of decisions of this gallery that were not undone."""
    return newest.where(decision.c.gallery_id == gallery.id, decision.c.undone_at.is_(None))


def _first(made: int, later: int, why: str) -> UsageError:
    return UsageError(f"after decision {made} came decision {later}, which {why}: undo decision {later} first")


def _about_the_same(made: int) -> Any:
    """Later decisions about its samples; from its own rows on, for the later ones may be many."""
    own = decision_sample.alias("own")
    later = decision_sample.c
    same = (own.c.sample_id == later.sample_id) & (later.decision_id > made)
    newest = select(func.max(later.decision_id)).join_from(own, decision_sample, same)
    return newest.join(decision, decision.c.id == later.decision_id).where(own.c.decision_id == made)


def _renaming_who_was_there(made: int) -> Any:
    """Later renames of an identity that samples had before it, or that it renamed itself."""
    c = decision_rename.c
    own, same = decision_sample.alias("own"), decision_rename.alias("same")
    had = exists().where(own.c.decision_id == made, own.c.identity_id == c.identity_id)
    renamed = exists().where(same.c.decision_id == made, same.c.identity_id == c.identity_id)
    newest = select(func.max(c.decision_id)).join_from(decision_rename, decision)
    return newest.where(c.decision_id > made, or_(had, renamed))


def _about_who_was_renamed(made: int) -> Any:
    """Later decisions that used the name which it gave."""
    c = decision_sample.c
    own = decision_rename.alias("own")
    same = exists().where(own.c.decision_id == made, own.c.identity_id.in_((c.identity_id, c.identity_after)))
    return select(func.max(c.decision_id)).join_from(decision_sample, decision).where(c.decision_id > made, same)


def _require_as_left(
    connection: Connection, gallery: GalleryRecord, made: Row[Any], before: Sequence[Row[Any]]
) -> None:
    """Nobody but decisions may have given a sample another name or party: enrolling again, importing."""
    now, known = moment(connection, gallery, [row.sample_id for row in before]), identities(connection, gallery)
    for row in before:
        party, _ = now.parties.get(row.sample_id, (None, ""))
        after = row.identity_after if row.identity_after in known else None  # who was forgotten since is nobody
        if (now.identities[row.sample_id], party) != (after, row.party_after):
            raise UsageError(
                f"sample {row.sample_id} of decision {made.id} got another name since, by enrolling or importing: "
                "correct it with 'identity samples relabel'"
            )
