"""What people decide: who clusters are, what samples are, what is forgotten; and thresholds."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Response

from identity import UsageError
from identity.web.answers import answer, documented
from identity.web.bodies import (
    CalibrateBody,
    ConfirmBody,
    ForgetBody,
    MergeBody,
    NameBody,
    RejectBody,
    RelabelBody,
    RemoveBody,
    SomeSamplesBody,
    UndoBody,
)
from identity.web.decisions import Deciding, Decision
from identity.web.folders import allowed

if TYPE_CHECKING:
    from identity import Gallery, SourceImage
    from identity.gallery.people import People

router = APIRouter(prefix="/galleries/{gallery}")
Brief = Annotated[bool, Query(description="Leave out the clusters as they are afterwards.")]


@router.post("/people/name", responses=documented("people-decision"), tags=["people"])
def name(deciding: Deciding, body: NameBody, *, brief: Brief = False) -> Response:
    """Name a cluster, or rename a person. Queries use the name from then on."""
    said = f"{body.who} is {body.name}"
    return _decide(deciding, lambda people: people.name(body.who, body.name), said, brief=brief)


@router.post("/people/merge", responses=documented("people-decision"), tags=["people"])
def merge(deciding: Deciding, body: MergeBody, *, brief: Brief = False) -> Response:
    """Say that these clusters or names are all one person."""
    said = f"{' and '.join(body.who)} are one person"
    return _decide(deciding, lambda people: people.merge(body.who, as_name=body.name), said, brief=brief)


@router.post("/people/split", responses=documented("people-decision"), tags=["people"])
def split(deciding: Deciding, body: SomeSamplesBody, *, brief: Brief = False) -> Response:
    """Say that these samples are all one other person."""
    said = f"{len(body.samples)} samples are a different person than {body.who}"
    return _decide(deciding, lambda people: people.split(body.who, body.samples), said, brief=brief)


@router.post("/people/reject", responses=documented("people-decision"), tags=["people"])
def reject(deciding: Deciding, body: RejectBody, *, brief: Brief = False) -> Response:
    """Say that samples are not this person, or that a cluster is not a named person."""
    samples, other = body.samples, body.name
    if samples is not None and other is None:
        said = f"{len(samples)} samples are not {body.who}"
        return _decide(deciding, lambda people: people.reject(body.who, samples), said, brief=brief)
    if other is not None and samples is None:
        said = f"{body.who} is not {other}"
        return _decide(deciding, lambda people: people.reject_name(body.who, other), said, brief=brief)
    raise UsageError("it is unclear what to reject: send either samples, or a name")


@router.post("/people/confirm", responses=documented("people-decision"), tags=["people"])
def confirm(deciding: Deciding, body: ConfirmBody, *, brief: Brief = False) -> Response:
    """Say that the samples that a run put into a named cluster show that person."""
    said = f"{body.who} confirmed"
    return _decide(deciding, lambda people: people.confirm(body.who, body.samples or ()), said, brief=brief)


@router.post("/people/undo", responses=documented("people-undo"), tags=["people"])
def undo_decision(deciding: Deciding, body: UndoBody) -> Response:
    """Undo a decision, the latest where none is said. One that a later decision builds on is refused."""
    from identity.documents.people import people_undo_fields

    def make(opened: Gallery) -> tuple[str, Response]:
        undone = opened.people.as_seen(deciding.changes).undo(body.decision)
        said = f"decision {undone.id} ({undone.note}) undone"
        return said, answer("people-undo", people_undo_fields(opened.name, undone))

    return deciding.make(make)


def _decide(deciding: Decision, decision: Callable[[People], Any], said: str, *, brief: bool) -> Response:
    from identity.documents.people import decision_fields

    def make(opened: Gallery) -> tuple[str, Response]:
        made = decision(opened.people.as_seen(deciding.changes))
        groups = () if brief else opened.clusters.groups()
        held = opened.samples.get(sample for group in groups for sample in group.samples.tolist())
        return said, answer("people-decision", decision_fields(opened.name, made.note, groups, held))

    return deciding.make(make)


@router.post("/samples/relabel", responses=documented("samples-changed"), tags=["samples"])
def relabel(deciding: Deciding, body: RelabelBody) -> Response:
    """Give samples another identity, or none. The thresholds of these identities become stale."""
    note = f"{len(body.samples)} samples are now {body.identity or 'without identity'}"
    return _change(deciding, lambda opened: opened.samples.relabel(body.samples, body.identity), note)


@router.post("/samples/remove", responses=documented("samples-changed"), tags=["samples"])
def remove(deciding: Deciding, body: RemoveBody) -> Response:
    """Forget samples for good: rows, vectors, crops, and the index file that held them."""
    return _change(deciding, lambda opened: opened.samples.remove(body.samples), f"{len(body.samples)} samples removed")


@router.post("/people/forget", responses=documented("samples-changed"), tags=["people"])
def forget(deciding: Deciding, body: ForgetBody) -> Response:
    """Forget an identity for good, with all its samples."""
    return _change(deciding, lambda opened: opened.samples.forget(body.identity), f"{body.identity} forgotten")


def _change(deciding: Decision, change: Callable[[Gallery], int], note: str) -> Response:
    def make(opened: Gallery) -> tuple[str, Response]:
        changed = change(opened)
        deciding.service.jobs.forget_names(opened.name)
        return note, answer("samples-changed", {"gallery": opened.name, "changed": changed})

    return deciding.make(make)


@router.post("/calibrate", responses=documented("calibrate"), tags=["galleries"])
def calibrate(deciding: Deciding, body: CalibrateBody) -> Response:
    """Set each identity's threshold, and say what it promises; where one negative cannot be read, nothing is set."""
    from identity.documents.calibration import calibrate_fields

    wanted = body.model_dump(exclude={"negatives"})
    negatives = [allowed(one, deciding.service.folders) for one in body.negatives or ()]

    def make(opened: Gallery) -> tuple[str, Response]:
        made = opened.calibrate(**wanted, negatives=negatives or None, on_failure=_refuse)
        names, counts = opened.store.identities(), opened.samples.counts()
        fields = calibrate_fields(opened.name, made, names=names, counts=counts)
        return f"thresholds by {made.rule}", answer("calibrate", fields)

    return deciding.make(make)


def _refuse(unread: SourceImage) -> None:
    raise UsageError(unread.error or f"{unread.name} cannot be read: leave it out")
