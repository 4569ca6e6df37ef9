"""`identity models ...` and `identity train ...`: which networks there are, and how to make one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from identity import wiring
from identity.cli import render
from identity.cli.app import app
from identity.cli.options import JsonOption, settings
from identity.cli.progress import losses

if TYPE_CHECKING:
    from identity.zoo.folder import InstalledModel, ModelFolder

models_app = typer.Typer(help="List, show, add and remove models.", no_args_is_help=True, rich_markup_mode=None)
train_app = typer.Typer(help="Train an embedding network (extra 'train').", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(models_app, name="models")
app.add_typer(train_app, name="train")
Name = Annotated[str, typer.Argument(help="Name of the model.")]


def _models() -> ModelFolder:
    return wiring.model_folder(settings())


@models_app.command("list")
def list_models(*, json: JsonOption = False) -> None:
    """List installed models."""
    found = _models().list()
    if json:
        render.document("models", {"models": [_fields(one) for one in found]})
        return
    rows = [(m.manifest.name, m.manifest.kind, m.manifest.dim, m.manifest.licence) for m in found]
    render.table(rows, header=("model", "kind", "dim", "licence"))


@models_app.command()
def show(name: Name, *, json: JsonOption = False) -> None:
    """Show a model's facts."""
    fields = _fields(_models().get(name))
    if json:
        render.document("model", fields)
    else:
        render.lines(f"{key}: {value}" for key, value in fields.items())


@models_app.command()
def add(
    path: Annotated[Path, typer.Argument(help="Model file, or folder with model and manifest.json.")],
    *,
    manifest: Annotated[Path | None, typer.Option(help="Manifest of a file the catalogue does not know.")] = None,
    name: Annotated[str | None, typer.Option(help="Name to install it under.")] = None,
) -> None:
    """Install a model from a file or folder."""
    added = _models().add(path, manifest=manifest, name=name)
    render.lines([f"model '{added.manifest.name}' added: {added.manifest.kind}, {added.manifest.dim} dimensions"])


@models_app.command()
def remove(name: Name) -> None:
    """Delete an installed model; galleries made with it keep their vectors but cannot embed new images."""
    _models().remove(name)
    render.lines([f"model '{name}' removed"])


@models_app.command()
def verify(name: Name) -> None:
    """Check a model's file against its digest."""
    verified = _models().verify(name)
    render.lines([f"model '{name}' is what its manifest says: sha256 {verified.manifest.sha256}"])


def _fields(installed: InstalledModel) -> dict[str, Any]:
    manifest = installed.manifest
    training = dict(manifest.training or {})
    training.pop("curve", None)
    return {
        "name": manifest.name,
        "kind": manifest.kind,
        "dim": manifest.dim,
        "file": str(installed.path),
        "bytes": manifest.bytes,
        "sha256": manifest.sha256,
        "alignment": manifest.alignment,
        "licence": manifest.licence,
        "source": manifest.source,
        "operating_points": [{"fmr": one.fmr, "distance": one.distance} for one in manifest.operating_points],
        "training": training or None,
        "shipped": installed.shipped,
    }


@train_app.command("digits")
def train_digits(
    *,
    data: Annotated[
        str, typer.Option(help="Folder of MNIST's IDX files, 'mnist' to download them, or 'uci' (bundled scans).")
    ] = "mnist",
    recipe: Annotated[str, typer.Option(help="'triplet' or 'classic'.")] = "triplet",
    epochs: Annotated[int | None, typer.Option(min=1, help="Passes over the images; else the recipe's own.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of everything random.")] = 0,
    name: Annotated[str, typer.Option(help="Name of the new model.")] = "digits-own",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder to write; else it is installed in home.")
    ] = None,
) -> None:
    """Train the digit network on images that neither calibrate nor test, and write a model folder."""
    from identity.wiring.training import train_digits as train

    with losses("training") as on_step:
        folder = train(
            settings(), data=data, recipe=recipe, epochs=epochs, seed=seed, name=name, folder=output, on_step=on_step
        )
    render.lines([f"model '{name}' written to {folder}"])
