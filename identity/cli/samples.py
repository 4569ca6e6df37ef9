"""`identity samples ...`: look at single samples, correct their names, forget them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from identity import NotFoundError, UsageError
from identity.cli import render
from identity.cli.app import app
from identity.cli.options import DEFAULT, GalleryOption, JsonOption, YesOption, open_gallery

if TYPE_CHECKING:
    from collections.abc import Sequence

    from identity import Sample

samples_app = typer.Typer(help="List, show, relabel and remove samples.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(samples_app, name="samples")
Ids = Annotated[list[int], typer.Argument(help="Ids of samples, as 'samples list' shows them.")]
IdentityOption = Annotated[str | None, typer.Option("--identity", help="Only samples of this identity.")]


@samples_app.command("list")
def list_samples(
    *,
    gallery: GalleryOption = DEFAULT,
    identity: IdentityOption = None,
    text: Annotated[str | None, typer.Option(help="Only samples with this text in path or identity.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many samples to list at most.")] = 50,
    after: Annotated[int, typer.Option(help="Only ids above this one, for the next page.")] = 0,
    json: JsonOption = False,
) -> None:
    """List stored samples by id."""
    with open_gallery(gallery) as opened:
        found = opened.samples.find(identity=identity, text=text, limit=limit, after=after)
    _print(found, json=json)


@samples_app.command()
def show(
    ids: Ids,
    *,
    gallery: GalleryOption = DEFAULT,
    crop: Annotated[Path | None, typer.Option(help="Write the stored crop of the first sample here.")] = None,
    json: JsonOption = False,
) -> None:
    """Show samples by id; their stored crop can be written to a file."""
    with open_gallery(gallery) as opened:
        found = _require(opened.samples.get(ids), ids, gallery)
        if crop is not None:
            _write_crop(opened.samples.crops(ids[:1]).get(ids[0]), crop)
    _print([found[sample] for sample in ids], json=json)


@samples_app.command()
def relabel(
    ids: Ids,
    *,
    gallery: GalleryOption = DEFAULT,
    identity: Annotated[str | None, typer.Option("--as", help="The right identity; without it they have none.")] = None,
) -> None:
    """Give samples another identity, or none. The thresholds of these identities become stale."""
    with open_gallery(gallery) as opened:
        _require(opened.samples.get(ids), ids, gallery)
        changed = opened.samples.relabel(ids, identity)
    render.lines([f"{changed} samples are now {'without identity' if identity is None else repr(identity)}"])


@samples_app.command()
def remove(
    ids: Annotated[list[int] | None, typer.Argument(help="Sample ids.")] = None,
    *,
    gallery: GalleryOption = DEFAULT,
    identity: Annotated[str | None, typer.Option("--identity", help="Remove all samples of this identity.")] = None,
    yes: YesOption = False,
) -> None:
    """Forget samples for good: rows, vectors, crops, index files; with the last one the name, in every path too."""
    if bool(ids) == (identity is not None):
        raise UsageError("say what to remove: either sample ids, or --identity")
    with open_gallery(gallery) as opened:
        chosen = ids or [sample.id for sample in opened.samples.find(identity=identity, limit=2**31)]
        if not chosen:
            raise NotFoundError(f"gallery '{gallery}' has no identity '{identity}': see 'identity samples list'")
        _require(opened.samples.get(chosen), chosen, gallery)
        if not yes:
            typer.confirm(f"Forget {len(chosen)} samples of gallery '{gallery}' for good?", abort=True)
        removed = opened.samples.remove(chosen)
    render.lines([f"{removed} samples forgotten; in your photographs' files and .xmp files nothing was changed"])


def _require(found: Any, ids: list[int], gallery: str) -> Any:
    missing = [str(sample) for sample in ids if sample not in found]
    if missing:
        raise NotFoundError(f"gallery '{gallery}' has no sample {', '.join(missing)}: see 'identity samples list'")
    return found


def _write_crop(encoded: bytes | None, path: Path) -> None:
    if encoded is None:
        raise NotFoundError("this sample has no stored crop (enrolled with --no-crops, or shipped): choose another")
    path.write_bytes(encoded)


def _print(found: Sequence[Sample], *, json: bool) -> None:
    from identity.documents.samples import samples_fields

    if json:
        render.document("samples", samples_fields(found))
        return
    rows = [(s.id, s.identity or "", s.role.value, render.place(s.source, s.row), render.quality(s)) for s in found]
    render.table(rows, header=("id", "identity", "role", "source", "quality"))
