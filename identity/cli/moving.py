"""`identity export bundle|parquet` and `identity import bundle`: one gallery to another home, or to other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from identity.cli import render
from identity.cli.app import app
from identity.cli.options import AcceptOption, GalleryOption, JsonOption, open_gallery, open_home
from identity.cli.stopping import stoppable

if TYPE_CHECKING:
    from identity.documents.moving import ImportFields

export_app = typer.Typer(help="Write galleries to files.", no_args_is_help=True, rich_markup_mode=None)
import_app = typer.Typer(help="Read galleries from files.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(export_app, name="export")
app.add_typer(import_app, name="import")


@export_app.command("bundle")
@stoppable("no bundle was written, one that was there stays, run the command again")
def export_bundle(
    file: Annotated[Path, typer.Argument(help="File to write; an older bundle is replaced.", readable=False)],
    *,
    gallery: GalleryOption = "digits",
    crops: Annotated[bool, typer.Option("--crops/--no-crops", help="Whether the crops go along.")] = True,
    model: Annotated[
        bool, typer.Option("--model/--no-model", help="Whether the networks that the gallery needs go along.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Write one gallery, with names, decisions, clusters and thresholds, to one file for another home.

    The same gallery gives the same bytes. The images themselves are not in it.
    """
    from identity.documents.moving import export_fields

    with open_home() as home:
        fields = export_fields(home.export_bundle(gallery, file, crops=crops, model=model))
    if json:
        render.document("export-bundle", fields)
        return
    samples, along = fields["rows"]["samples"], "".join(f" with model '{name}'" for name in fields["models"])
    size = f"{fields['bytes'] / 1e6:.1f} MB"
    render.lines([f"{samples} samples of gallery '{gallery}'{along}, {size}, written to {file}"])


@export_app.command("parquet")
@stoppable("no table was written, one that was there stays, run the command again")
def export_parquet(
    file: Annotated[Path, typer.Argument(help="File to write; an older table is replaced.", readable=False)],
    *,
    gallery: GalleryOption = "digits",
    json: JsonOption = False,
) -> None:
    """Write every sample to a Parquet file: where it was seen, who it is, its cluster and its vector."""
    from identity.documents.moving import export_parquet_fields

    with open_gallery(gallery) as opened:
        fields = export_parquet_fields(opened.files.write_parquet(file))
    if json:
        render.document("export-parquet", fields)
        return
    size = f"{fields['bytes'] / 1e6:.1f} MB"
    render.lines([f"{fields['rows']} samples of gallery '{gallery}' with their vectors, {size}, written to {file}"])


@import_app.command("bundle")
@stoppable("nothing was imported, everything is as before, run the command again")
def import_bundle(
    file: Annotated[Path, typer.Argument(help="File that 'identity export bundle' wrote.", readable=False)],
    *,
    gallery: Annotated[
        str | None, typer.Option("--gallery", "-g", help="Gallery to put it into; by default its own name.")
    ] = None,
    merge_names: Annotated[
        bool, typer.Option("--merge-names", help="Names that the gallery has too mean the same identities.")
    ] = False,
    model: Annotated[
        bool, typer.Option("--model/--no-model", help="Whether networks of the file that are missing are installed.")
    ] = True,
    accept_licence: AcceptOption = False,
    json: JsonOption = False,
) -> None:
    """Put the gallery of a file into this home; one that is there takes the samples that it lacks.

    Everything in the file is checked first. Samples that are there already keep their names and decisions.
    """
    from identity.documents.moving import import_fields

    with open_home() as home:
        report = home.import_bundle(
            file, name=gallery, merge_names=merge_names, model=model, accept_licence=accept_licence
        )
        fields = import_fields(report)
    if json:
        render.document("import-bundle", fields)
    else:
        render.lines([_line(fields), *(f"model '{name}' installed" for name in fields["models"])])
    if not fields["model_installed"]:
        needed, name = fields["model"], fields["gallery"]
        render.note(f"gallery '{name}' needs model '{needed}', which is not installed: run 'identity models add'")


def _line(fields: ImportFields) -> str:
    name, added = fields["gallery"], fields["added"]
    if not fields["created"] and not any(added[key] for key in ("samples", "images", "identities")):
        return f"gallery '{name}' has all {fields['known']} samples already: nothing was written"
    what = f"{added['samples']} samples, {added['identities']} identities"
    if fields["created"]:
        return f"gallery '{name}' created: {what}"
    return f"gallery '{name}' got {what}; {fields['known']} samples were there already"
