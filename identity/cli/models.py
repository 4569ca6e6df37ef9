"""`identity models ...` and `identity train ...`: which networks there are, and how to make one."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from identity.cli import render
from identity.cli.app import app
from identity.cli.options import JsonOption, opened_models
from identity.cli.progress import losses, transfer

if TYPE_CHECKING:
    from identity.zoo.catalogue import Entry
    from identity.zoo.folder import InstalledModel

models_app = typer.Typer(help="List, fetch, add, check and remove models.", no_args_is_help=True, rich_markup_mode=None)
train_app = typer.Typer(help="Train an embedding network (extra 'train').", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(models_app, name="models")
app.add_typer(train_app, name="train")
Name = Annotated[str, typer.Argument(help="Name of the model.")]
AcceptOption = Annotated[bool, typer.Option("--accept-licence", help="You read the restricted licence and accept it.")]
MANIFEST_HELP = "A file that the catalogue does not know needs --manifest FILE.json; docs/models.md has an example."


@models_app.command("list")
def list_models(*, json: JsonOption = False) -> None:
    """List installed models, and those that 'models pull' can install."""
    models = opened_models()
    found, known = models.installed(), models.offered()
    if json:
        render.document("models", {"models": [_fields(one) for one in found], "catalogue": [_offer(e) for e in known]})
        return
    there = {one.manifest.name for one in found}
    rows = [(m.manifest, "shipped" if m.shipped else "installed") for m in found]
    rows += [(entry.manifest, _how(entry)) for entry in known if entry.manifest.name not in there]
    shown = list(dict.fromkeys((m.name, m.kind, m.dim, m.licence, state) for m, state in rows))
    render.table(shown, header=("model", "kind", "dim", "licence", ""))


def _how(entry: Entry) -> str:
    if "://" not in entry.release.address:
        return "models add FILE, or a mirror has it"
    return f"models pull {entry.manifest.name}{' --accept-licence' if entry.release.restricted else ''}"


def _offer(entry: Entry) -> dict[str, Any]:
    manifest, release = entry.manifest, entry.release
    return {
        "name": manifest.name,
        "kind": manifest.kind,
        "dim": manifest.dim,
        "file": release.member or release.file,
        "bytes": manifest.bytes or None,
        "sha256": manifest.sha256 or None,
        "licence": manifest.licence,
        "restricted": release.restricted,
        "source": manifest.source,
        "address": release.address if "://" in release.address else None,
    }


@models_app.command()
def show(name: Name, *, json: JsonOption = False) -> None:
    """Show a model's facts."""
    fields = _fields(opened_models().get(name))
    if json:
        render.document("model", fields)
    else:
        render.lines(f"{key}: {value}" for key, value in fields.items())


@models_app.command()
def pull(
    name: Name,
    *,
    accept_licence: AcceptOption = False,
    offline: Annotated[bool, typer.Option("--offline", help="Use no network, only the mirror folder.")] = False,
) -> None:
    """Fetch a model of the catalogue, check its digest and install it.

    IDENTITY_MODELS_MIRROR names a folder or an address that has the files, IDENTITY_OFFLINE=1 means --offline always.
    """
    with transfer(f"fetching {name}") as progress:
        pulled = opened_models().pull(name, accept_licence=accept_licence, offline=offline, progress=progress)
    render.lines([f"model '{pulled.manifest.name}' installed: {_described(pulled)}, licence {pulled.manifest.licence}"])


@models_app.command(epilog=MANIFEST_HELP)
def add(
    path: Annotated[Path, typer.Argument(help="Model file, folder with manifest.json, or vgg_face_weights.h5.")],
    *,
    manifest: Annotated[Path | None, typer.Option(help="Manifest of a file the catalogue does not know.")] = None,
    name: Annotated[str | None, typer.Option(help="Name to install it under.")] = None,
    accept_licence: AcceptOption = False,
) -> None:
    """Install a model from a file or folder."""
    added = opened_models().add(path, manifest=manifest, name=name, accept_licence=accept_licence)
    render.lines([f"model '{added.manifest.name}' added: {_described(added)}"])


def _described(installed: InstalledModel) -> str:
    manifest = installed.manifest
    return f"{manifest.kind}, {manifest.dim} dimensions" if manifest.dim else manifest.kind


@models_app.command()
def remove(name: Name) -> None:
    """Delete an installed model; galleries made with it keep their vectors but cannot embed new images."""
    opened_models().remove(name)
    render.lines([f"model '{name}' removed"])


@models_app.command()
def verify(name: Name) -> None:
    """Check a model's file against its digest."""
    verified = opened_models().get(name)
    render.lines([f"model '{name}' matches its manifest: sha256 {verified.manifest.sha256}"])


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
        "operating_points": [asdict(one) for one in manifest.operating_points],
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
    seed: Annotated[int, typer.Option(help="Random seed.")] = 0,
    name: Annotated[str, typer.Option(help="Name of the new model.")] = "digits-own",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder to write; else it is installed in home.")
    ] = None,
) -> None:
    """Train the digit network on images that neither calibrate nor test, and write a model folder."""
    with losses("training") as on_step:
        folder = opened_models().train_digits(
            data=data, recipe=recipe, epochs=epochs, seed=seed, name=name, folder=output, on_step=on_step
        )
    render.lines([f"model '{name}' written to {folder}"])
