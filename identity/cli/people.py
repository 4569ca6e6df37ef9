"""`identity people ...`: who the clusters are. Every answer of a person is kept until undone, no run overwrites it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from identity import UsageError
from identity.cli import render
from identity.cli.app import app
from identity.cli.options import DEFAULT, GalleryOption, JsonOption, open_gallery

if TYPE_CHECKING:
    from identity.documents.people import PastDecisionFields

FEW = 5  # clusters of a decision in one line
people_app = typer.Typer(
    help="List, name, merge, split, reject, confirm, undo.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(people_app, name="people")
Who = Annotated[str, typer.Argument(help="A cluster (c12) or a name.")]
Samples = Annotated[list[int], typer.Argument(help="Ids of samples, as 'people show' lists them.")]
AsOption = Annotated[str | None, typer.Option("--as", help="Name of that person.")]


@people_app.command("list")
def list_people(*, gallery: GalleryOption = DEFAULT, json: JsonOption = False) -> None:
    """List clusters with their names, largest first, then named people who are in no cluster."""
    from identity.documents.people import people_fields

    with open_gallery(gallery) as opened:
        found = people_fields(gallery, opened.people.list())
    if json:
        render.document("people", found)
        return
    rows = [
        ("" if one["id"] is None else f"c{one['id']}", one["identity"] or "", one["size"], one["confirmed"])
        for one in found["people"]
    ]
    render.table(rows, header=("cluster", "identity", "samples", "confirmed"))


@people_app.command()
def show(who: Who, *, gallery: GalleryOption = DEFAULT, json: JsonOption = False) -> None:
    """Show the samples of a cluster or of a name, and which of them somebody confirmed."""
    from identity.documents.people import person_fields

    with open_gallery(gallery) as opened:
        found = opened.people.show(who)
    if json:
        render.document("person", person_fields(gallery, found))
        return
    rows = [
        (
            one.sample.id,
            "noise" if one.cluster is None else f"c{one.cluster}",
            one.sample.identity or "",
            _place(one.sample),
            render.quality(one.sample),
        )
        for one in found.samples
    ]
    render.table(rows, header=("sample", "cluster", "confirmed as", "source", "quality"))


def _place(sample: Any) -> str:
    return f"{render.place(sample.source, sample.row)} at {','.join(map(str, sample.box.as_list()))}"


@people_app.command()
def name(
    who: Who,
    new: Annotated[str, typer.Argument(metavar="NAME", help="The name.")],
    *,
    gallery: GalleryOption = DEFAULT,
    json: JsonOption = False,
) -> None:
    """Name a cluster, or rename a person. `query` uses the name from then on."""
    _decide(gallery, lambda people, say: people.name(who, new, say=say), f"{who} is {new}", json=json)


@people_app.command()
def merge(
    who: Annotated[list[str], typer.Argument(help="Two or more clusters or names.")],
    *,
    as_name: AsOption = None,
    gallery: GalleryOption = DEFAULT,
    json: JsonOption = False,
) -> None:
    """Say that these clusters or names are all one person."""
    said = f"{' and '.join(who)} are one person"
    _decide(gallery, lambda people, say: people.merge(who, as_name=as_name, say=say), said, json=json)


@people_app.command()
def split(who: Who, samples: Samples, *, gallery: GalleryOption = DEFAULT, json: JsonOption = False) -> None:
    """Say that these samples are all one other person."""
    said = f"{len(samples)} samples are a different person than {who}"
    _decide(gallery, lambda people, say: people.split(who, samples, say=say), said, json=json)


@people_app.command()
def reject(
    who: Who,
    samples: Annotated[list[int] | None, typer.Argument(help="Sample ids that are not this person.")] = None,
    *,
    called: Annotated[str | None, typer.Option("--name", help="Person whom this cluster does not show.")] = None,
    gallery: GalleryOption = DEFAULT,
    json: JsonOption = False,
) -> None:
    """Say that samples are not this person, or that a cluster is not a named person. It is never suggested again."""
    if bool(samples) == (called is not None):
        raise UsageError("say what to reject: either sample ids, or --name")
    if called is not None:
        other = called
        said = f"{who} is not {other}"
        _decide(gallery, lambda people, say: people.reject_name(who, other, say=say), said, json=json)
        return
    said = f"{len(samples or [])} samples are not {who}"
    _decide(gallery, lambda people, say: people.reject(who, samples or [], say=say), said, json=json)


@people_app.command()
def confirm(
    who: Who,
    samples: Annotated[list[int] | None, typer.Argument(help="Only these samples.")] = None,
    *,
    gallery: GalleryOption = DEFAULT,
    json: JsonOption = False,
) -> None:
    """Say that the samples that a run put into a named cluster show that person."""
    _decide(gallery, lambda people, say: people.confirm(who, samples or [], say=say), f"{who} confirmed", json=json)


@people_app.command()
def undo(
    *,
    decision: Annotated[
        int | None, typer.Option(min=1, help="Number of a decision in 'people history'. [the latest]")
    ] = None,
    gallery: GalleryOption = DEFAULT,
    json: JsonOption = False,
) -> None:
    """Undo a decision: its samples get back the names they had, and the clusters unless a later run moved them.

    Where a later decision is about the same samples or the same person, that one has to be undone first.
    """
    from identity.documents.people import people_undo_fields

    with open_gallery(gallery) as opened:
        undone = opened.people.undo(decision, say=render.complain)
    if json:
        render.document("people-undo", people_undo_fields(gallery, undone))
        return
    about = f", about {undone.n_samples} samples" if undone.n_samples else ""
    render.lines([f"decision {undone.id} ({undone.note}{about}) undone"])


@people_app.command()
def history(*, gallery: GalleryOption = DEFAULT, json: JsonOption = False) -> None:
    """List every decision, with the clusters it was about and the names that these people have now."""
    from identity.documents.people import people_history_fields

    with open_gallery(gallery) as opened:
        found = people_history_fields(gallery, opened.people.decisions())
    if json:
        render.document("people-history", found)
        return
    header = ("decision", "when", "what", "samples", "clusters", "identities", "")
    render.table([_decided(one) for one in found["decisions"]], header=header)


def _decided(one: PastDecisionFields) -> tuple[object, ...]:
    clusters = [f"c{number}" for number in one["clusters"][:FEW]] + ["..."] * (len(one["clusters"]) > FEW)
    state = "undone" if one["undone_at"] else ""
    names = ", ".join(one["identities"])
    return (one["id"], one["made_at"], one["decision"], one["n_samples"], " ".join(clusters), names, state)


def _decide(gallery: str, decision: Any, said: str, *, json: bool) -> None:
    from identity.documents.people import decision_fields

    with open_gallery(gallery) as opened:
        made = decision(opened.people, render.complain)
        groups = opened.clusters.groups()
        held = opened.samples.get(sample for group in groups for sample in group.samples.tolist()) if json else {}
    if json:
        render.document("people-decision", decision_fields(gallery, made.note, groups, held))
        return
    render.lines([f"{said}; later runs keep this decision, 'identity people undo' takes it back"])
