"""`identity gallery ...` and `identity status`: what there is."""

from __future__ import annotations

from typing import Annotated

import typer

from identity.cli import render
from identity.cli.app import app
from identity.cli.options import JsonOption, YesOption, open_home

gallery_app = typer.Typer(help="Create, list, show and delete galleries.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(gallery_app, name="gallery")
Name = Annotated[str, typer.Argument(help="Name of the gallery.")]


@gallery_app.command()
def create(
    name: Name,
    *,
    model: Annotated[str, typer.Option(help="Installed model that embeds the images.")] = "digits",
    detector: Annotated[
        str | None, typer.Option(help="'whole' or 'yunet'; by default the one for the model.", show_default=False)
    ] = None,
) -> None:
    """Create an empty gallery for the vectors of one model."""
    with open_home() as home:
        made = home.create_gallery(name, model=model, detector=detector)
    text = f"model {made.model}, detector {made.detector}, {made.dim} dimensions"
    render.lines([f"gallery '{made.name}' created: {text}"])


@gallery_app.command("list")
def list_galleries(*, json: JsonOption = False) -> None:
    """List all galleries."""
    from identity.documents.galleries import gallery_list_fields

    with open_home() as home:
        found = home.galleries()
    if json:
        render.document("gallery-list", gallery_list_fields(found))
        return
    rows = [(g.name, g.model, g.detector, c.samples, c.calibration_samples, c.identities) for g, c in found]
    render.table(rows, header=("gallery", "model", "detector", "samples", "calibration", "identities"))


@gallery_app.command()
def show(name: Name, *, json: JsonOption = False) -> None:
    """Show one gallery: what it holds, and what its thresholds promise."""
    from identity.documents.calibration import promise_of
    from identity.documents.galleries import gallery_fields, shown_gallery_fields

    with open_home() as home:
        opened = home.open_gallery(name)
        fields = gallery_fields(*next(row for row in home.galleries() if row[0].name == name))
        calibration, skipped = opened.thresholds(), opened.store.skipped_images()
    shown = shown_gallery_fields(fields, calibration)
    if json:
        render.document("gallery", shown)
        return
    render.lines(f"{key}: {value}" for key, value in fields.items())
    render.lines([f"search: {shown['search']}"])
    render.lines(f"skipped: {render.place(path, row)}: {why}" for path, row, why in skipped[:20])
    promise = "none yet" if calibration is None else " ".join(promise_of(calibration))
    render.lines([f"thresholds: {promise}"])


@gallery_app.command()
def delete(name: Name, *, yes: YesOption = False) -> None:
    """Delete a gallery for good: samples, vectors, crops and index files."""
    if not yes:
        typer.confirm(f"Delete gallery '{name}' and everything in it?", abort=True)
    with open_home() as home:
        removed = home.delete_gallery(name)
    render.lines([f"gallery '{name}' deleted with its {removed} samples"])


@app.command()
def status(*, json: JsonOption = False) -> None:
    """Show where everything is stored, and the state of each gallery."""
    from identity.documents.databases import system_text
    from identity.documents.galleries import status_fields

    with open_home() as home:
        found = status_fields(home)
    if json:
        render.document("status", found)
        return
    database = f"{found['database']} ({system_text(found['database_system'])})"
    render.lines([f"home: {found['home']}", f"database: {database}", f"models: {', '.join(found['models'])}"])
    rows = [(g["gallery"], g["samples"], g["thresholds"], g["outside_snapshot"]) for g in found["galleries"]]
    render.lines([f"default gallery: {found['default_gallery']}"])
    render.table(rows, header=("gallery", "samples", "thresholds", "outside snapshot"))
