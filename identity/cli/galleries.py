"""`identity gallery ...` and `identity status`: what there is."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from identity.cli import render
from identity.cli.app import app
from identity.cli.options import JsonOption, YesOption, opened_home
from identity.documents.calibration import calibration_fields
from identity.documents.galleries import GalleryFields, gallery_fields

gallery_app = typer.Typer(help="Make, list, show and delete galleries.", no_args_is_help=True, rich_markup_mode=None)
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
    with opened_home() as home:
        made = home.create_gallery(name, model=model, detector=detector)
    text = f"model {made.model}, detector {made.detector}, {made.dim} dimensions"
    render.lines([f"gallery '{made.name}' created: {text}"])


@gallery_app.command("list")
def list_galleries(*, json: JsonOption = False) -> None:
    """List all galleries."""
    with opened_home() as home:
        found = home.galleries()
    if json:
        render.document("gallery-list", {"galleries": [gallery_fields(*row) for row in found]})
        return
    rows = [(g.name, g.model, g.detector, c.samples, c.calibration_samples, c.identities) for g, c in found]
    render.table(rows, header=("gallery", "model", "detector", "samples", "calibration", "identities"))


@gallery_app.command()
def show(name: Name, *, json: JsonOption = False) -> None:
    """Show one gallery: what it holds, and what its thresholds promise."""
    with opened_home() as home:
        opened = home.open_gallery(name)
        gallery, counts = next(row for row in home.galleries() if row[0].name == name)
        calibration, skipped = opened.store.calibration(), opened.store.skipped()
    if json:
        made = None if calibration is None else calibration_fields(calibration)
        render.document("gallery", {**gallery_fields(gallery, counts), "calibration": made})
        return
    render.lines(f"{key}: {value}" for key, value in gallery_fields(gallery, counts).items())
    render.lines(f"skipped: {path}{'' if row is None else f'[{row}]'}: {why}" for path, row, why in skipped[:20])
    promise = "none yet" if calibration is None else calibration_fields(calibration)["promise"]
    render.lines([f"thresholds: {promise}"])


@gallery_app.command()
def delete(name: Name, *, yes: YesOption = False) -> None:
    """Delete a gallery for good: samples, vectors, crops and index files."""
    if not yes:
        typer.confirm(f"Delete gallery '{name}' and everything in it?", abort=True)
    with opened_home() as home:
        removed = home.delete_gallery(name)
    render.lines([f"gallery '{name}' deleted with its {removed} samples"])


@app.command()
def status(*, json: JsonOption = False) -> None:
    """Show where everything is stored, and the state of each gallery."""
    with opened_home() as home:
        found = [_status_of(home.open_gallery(g.name).store, gallery_fields(g, c)) for g, c in home.galleries()]
        models = [installed.manifest.name for installed in home.models.list()]
        places = {"home": str(home.settings.home), "database": home.settings.database, "models": models}
    if json:
        render.document("status", places | {"galleries": found})
        return
    render.lines(f"{key}: {', '.join(value) if isinstance(value, list) else value}" for key, value in places.items())
    rows = [(row["gallery"], row["samples"], row["thresholds"], row["outside_snapshot"]) for row in found]
    render.table(rows, header=("gallery", "samples", "thresholds", "outside snapshot"))


def _status_of(store: Any, fields: GalleryFields) -> dict[str, Any]:
    from identity.core.rules.table import rule_of

    calibration, state = store.calibration(), store.search_state()
    stale = ", stale" if calibration is not None and calibration.stale else ""
    thresholds = "none" if calibration is None else f"{rule_of(calibration).summary(calibration)}{stale}"
    outside = len(state.later.ids) + len(state.superseded)
    return {**fields, "thresholds": thresholds, "outside_snapshot": outside, "snapshot": state.snapshot is not None}
