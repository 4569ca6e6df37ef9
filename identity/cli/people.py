"""`identity people ...`: who the clusters are. Every answer of a person is kept for ever, no run overwrites it."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from identity.cli import render
from identity.cli.app import app
from identity.cli.options import GalleryOption, JsonOption, opened_gallery
from identity.core.errors import UsageError
from identity.documents.clusters import group_fields
from identity.documents.samples import placed

people_app = typer.Typer(
    help="List, name, merge, split, reject and confirm people.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(people_app, name="people")
Who = Annotated[str, typer.Argument(help="A cluster (c12) or a name.")]
Samples = Annotated[list[int], typer.Argument(help="Sample ids, as 'people show' lists them.")]
AsOption = Annotated[str | None, typer.Option("--as", help="Their name.")]


@people_app.command("list")
def list_people(*, gallery: GalleryOption = "digits", json: JsonOption = False) -> None:
    """List clusters with their names, largest first, then the named who are in no cluster."""
    with opened_gallery(gallery) as opened:
        found = opened.people.list()
    if json:
        people = [
            {"id": one.cluster, "identity": one.identity, "size": one.samples, "confirmed": one.confirmed}
            for one in found
        ]
        render.document("people", {"gallery": gallery, "people": people})
        return
    rows = [("" if p.cluster is None else f"c{p.cluster}", p.identity or "", p.samples, p.confirmed) for p in found]
    render.table(rows, header=("cluster", "identity", "samples", "confirmed"))


@people_app.command()
def show(who: Who, *, gallery: GalleryOption = "digits", json: JsonOption = False) -> None:
    """Show the samples of a cluster or of a name, and which of them somebody confirmed."""
    with opened_gallery(gallery) as opened:
        here = opened.people.here()
        meant = here.find(who)
        held = opened.samples.get(here.ids(meant.rows).tolist())
    labels = here.state.labels[meant.rows].tolist()
    if json:
        samples = [
            {**placed(s), "cluster": label, "confirmed": s.identity is not None}
            for s, label in zip(held.values(), labels, strict=True)
        ]
        render.document("person", {"gallery": gallery, "identity": here.names.get(meant.identity), "samples": samples})
        return
    rows = [
        (s.id, "noise" if label < 0 else f"c{label}", s.identity or "", _place(s))
        for s, label in zip(held.values(), labels, strict=True)
    ]
    render.table(rows, header=("sample", "cluster", "confirmed as", "source"))


def _place(sample: Any) -> str:
    inside = "" if sample.row is None else f"[{sample.row}]"
    return f"{sample.source}{inside} at {','.join(map(str, sample.box.as_list()))}"


@people_app.command()
def name(
    who: Who,
    new: Annotated[str, typer.Argument(metavar="NAME", help="The name.")],
    *,
    gallery: GalleryOption = "digits",
    json: JsonOption = False,
) -> None:
    """Name a cluster, or rename a person. `query` uses the name from then on."""
    _decide(gallery, lambda people, say: people.name(who, new, say=say), f"{who} is {new}", json=json)


@people_app.command()
def merge(
    who: Annotated[list[str], typer.Argument(help="Two or more clusters or names.")],
    *,
    as_name: AsOption = None,
    gallery: GalleryOption = "digits",
    json: JsonOption = False,
) -> None:
    """Say that all of them are one person."""
    said = f"{' and '.join(who)} are one person"
    _decide(gallery, lambda people, say: people.merge(who, as_name=as_name, say=say), said, json=json)


@people_app.command()
def split(who: Who, samples: Samples, *, gallery: GalleryOption = "digits", json: JsonOption = False) -> None:
    """Say that these samples are one other person."""
    said = f"{len(samples)} samples are a different person than {who}"
    _decide(gallery, lambda people, say: people.split(who, samples, say=say), said, json=json)


@people_app.command()
def reject(
    who: Who,
    samples: Annotated[list[int] | None, typer.Argument(help="Sample ids that are not this person.")] = None,
    *,
    called: Annotated[str | None, typer.Option("--name", help="This cluster is not the person of this name.")] = None,
    gallery: GalleryOption = "digits",
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
    gallery: GalleryOption = "digits",
    json: JsonOption = False,
) -> None:
    """Say that the samples a run put into a named cluster are that person."""
    _decide(gallery, lambda people, say: people.confirm(who, samples or [], say=say), f"{who} confirmed", json=json)


def _decide(gallery: str, decision: Any, said: str, *, json: bool) -> None:
    with opened_gallery(gallery) as opened:
        made = decision(opened.people, render.complain)
        groups = opened.clusters.groups()
        held = opened.samples.get(sample for group in groups for sample in group.samples.tolist()) if json else {}
    if json:
        fields = [group_fields(group, held) for group in groups]
        render.document("people-decision", {"gallery": gallery, "decision": made.note, "clusters": fields})
        return
    render.lines([f"{said}; later runs keep this decision"])
