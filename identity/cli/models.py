"""`identity models ...` and `identity train ...`: which networks there are, and how to make one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from identity.cli import render
from identity.cli.app import app
from identity.cli.options import AcceptOption, JsonOption, open_models
from identity.cli.progress import losses, transfer
from identity.cli.stopping import stoppable

if TYPE_CHECKING:
    from identity.documents.models import ModelFields, OfferFields

models_app = typer.Typer(help="List, fetch, add, check and remove models.", no_args_is_help=True, rich_markup_mode=None)
train_app = typer.Typer(help="Train an embedding network (extra 'train').", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(models_app, name="models")
app.add_typer(train_app, name="train")
Name = Annotated[str, typer.Argument(help="Name of the model.")]
MANIFEST_HELP = "A file that the catalogue does not know needs --manifest FILE.json; docs/models.md has an example."


@models_app.command("list")
def list_models(*, json: JsonOption = False) -> None:
    """List installed models, and those that 'models pull' can install."""
    from identity.documents.models import models_fields

    models = open_models()
    found = models_fields(models.list(), models.catalogue())
    if json:
        render.document("models", found)
        return
    there = {one["name"] for one in found["models"]}
    rows = [_row(one, "shipped" if one["shipped"] else "installed") for one in found["models"]]
    rows += [_row(offer, _how(offer)) for offer in found["catalogue"] if offer["name"] not in there]
    shown = list(dict.fromkeys(rows))
    render.table(shown, header=("model", "kind", "dim", "licence", ""))


def _row(model: ModelFields | OfferFields, state: str) -> tuple[object, ...]:
    return model["name"], model["kind"], model["dim"], model["licence"], state


def _how(offer: OfferFields) -> str:
    if offer["address"] is None and not offer["made_of"]:
        return "models add FILE, or a mirror has it"
    return f"models pull {offer['name']}{' --accept-licence' if offer['restricted'] else ''}"


@models_app.command()
def show(name: Name, *, json: JsonOption = False) -> None:
    """Show a model's facts."""
    from identity.documents.models import model_fields

    fields = model_fields(open_models().get(name))
    if json:
        render.document("model", fields)
    else:
        render.lines(f"{key}: {value}" for key, value in fields.items())


@models_app.command()
@stoppable("nothing was installed, run the command again")
def pull(
    name: Name,
    *,
    accept_licence: AcceptOption = False,
    offline: Annotated[bool, typer.Option("--offline", help="Use no network, only the mirror folder.")] = False,
) -> None:
    """Fetch a model of the catalogue, check its digest and install it.

    IDENTITY_MODELS_MIRROR names a folder or an address that has the files, IDENTITY_OFFLINE=1 means --offline always.
    """
    from identity.documents.models import model_fields

    with transfer(f"fetching {name}") as progress:
        pulled = open_models().pull(name, accept_licence=accept_licence, offline=offline, progress=progress)
    model = model_fields(pulled)
    render.lines([f"model '{model['name']}' installed: {_description(model)}, licence {model['licence']}"])


@models_app.command(epilog=MANIFEST_HELP)
@stoppable("nothing was installed, run the command again")
def add(
    path: Annotated[Path, typer.Argument(help="Model file, folder with manifest.json, or vgg_face_weights.h5.")],
    *,
    manifest: Annotated[Path | None, typer.Option(help="Manifest of a file the catalogue does not know.")] = None,
    name: Annotated[str | None, typer.Option(help="Name to install it under.")] = None,
    accept_licence: AcceptOption = False,
) -> None:
    """Install a model from a file or folder."""
    from identity.documents.models import model_fields

    model = model_fields(open_models().add(path, manifest=manifest, name=name, accept_licence=accept_licence))
    render.lines([f"model '{model['name']}' added: {_description(model)}"])


def _description(model: ModelFields) -> str:
    return f"{model['kind']}, {model['dim']} dimensions" if model["dim"] else model["kind"]


@models_app.command()
def remove(name: Name) -> None:
    """Delete an installed model; galleries made with it keep their vectors but cannot embed new images."""
    open_models().remove(name)
    render.lines([f"model '{name}' removed"])


@models_app.command()
def verify(name: Name) -> None:
    """Check a model's file against its digest."""
    verified = open_models().get(name)
    render.lines([f"model '{name}' matches its manifest: sha256 {verified.manifest.sha256}"])


@train_app.command("digits")
@stoppable("no model was written, run the command again")
def train_digits(
    *,
    data: Annotated[
        str, typer.Option(help="Folder of MNIST's IDX files, 'mnist' to download them, or 'uci' (bundled scans).")
    ] = "mnist",
    recipe: Annotated[str, typer.Option(help="'triplet' or 'classic'.")] = "triplet",
    epochs: Annotated[int | None, typer.Option(min=1, help="Passes over the images; else the recipe's own.")] = None,
    seed: Annotated[int, typer.Option(help="Random seed.")] = 0,
    name: Annotated[str, typer.Option(help="Name of the new model.")] = "digits-own",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder to write; else it is installed in home.")
    ] = None,
) -> None:
    """Train the digit network on images that neither calibrate nor test, and write a model folder."""
    with losses("training") as on_step:
        folder = open_models().train_digits(
            data=data, recipe=recipe, epochs=epochs, seed=seed, name=name, folder=output, on_step=on_step
        )
    render.lines([f"model '{name}' written to {folder}"])
