"""`identity plot ...`: pictures that explain a model and a gallery."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from identity.cli import render
from identity.cli.app import app
from identity.cli.options import DEFAULT, GalleryOption, OutputOption, given_path, open_gallery, open_models
from identity.cli.stopping import stoppable

if TYPE_CHECKING:
    from identity import SourceImage

plot_app = typer.Typer(help="Draw losses, galleries and thresholds.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(plot_app, name="plot")
NOT_DRAWN = "no picture was written, run the command again"
Unknown = Annotated[
    list[Path] | None,
    typer.Option(parser=given_path, metavar="<path>", help="Images of strangers to show as well."),
]


@plot_app.command("loss")
def plot_loss(
    *,
    output: OutputOption,
    model: Annotated[list[str] | None, typer.Option(help="Model whose training to draw; may be repeated.")] = None,
) -> None:
    """Draw the loss over the steps of a model's training."""
    open_models().plot_loss(model or ["digits"], output)
    render.lines([f"written: {output}"])


@plot_app.command("embedding")
@stoppable(NOT_DRAWN)
def plot_embedding(
    *,
    output: OutputOption,
    gallery: GalleryOption = DEFAULT,
    unknown: Unknown = None,
    limit: Annotated[int, typer.Option(min=2, help="Samples drawn, picked at random.")] = 1500,
    seed: Annotated[int, typer.Option(help="Random seed.")] = 0,
) -> None:
    """Draw a 2-D map of a gallery with the images themselves."""
    failed: list[SourceImage] = []
    with open_gallery(gallery) as opened:
        count = opened.plots.embedding(
            output, unknown=unknown or [], limit=limit, seed=seed, on_failure=failed.append
        )
    render.lines([f"{count} samples drawn: {output}"])
    raise typer.Exit(render.complain_of_all(failed))


@plot_app.command("thresholds")
@stoppable(NOT_DRAWN)
def plot_thresholds(*, output: OutputOption, gallery: GalleryOption = DEFAULT, unknown: Unknown = None) -> None:
    """Draw each identity's calibration scores and its threshold; of people, distances of pairs and what decides."""
    failed: list[SourceImage] = []
    with open_gallery(gallery) as opened:
        opened.plots.thresholds(output, unknown=unknown or [], on_failure=failed.append)
    render.lines([f"written: {output}"])
    raise typer.Exit(render.complain_of_all(failed))
