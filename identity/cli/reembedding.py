"""`identity reembed`: another model for a gallery, without its people starting again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from identity.cli import render
from identity.cli.app import app
from identity.cli.options import DEFAULT, GalleryOption, JsonOption, open_home
from identity.cli.progress import bar
from identity.cli.stopping import stoppable

if TYPE_CHECKING:
    from identity.documents.reembedding import ReembedFields

SHOWN = 5  # samples named one by one


@app.command()
@stoppable("what was embedded stays, run the command again to do the rest")
def reembed(
    *,
    gallery: GalleryOption = DEFAULT,
    model: Annotated[str, typer.Option(help="Installed model that embeds the samples from now on.")],
    detector: Annotated[str | None, typer.Option(help="'whole' or 'yunet'; by default the gallery's own.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what there is to embed from.")] = False,
    json: JsonOption = False,
) -> None:
    """Embed a gallery's samples by another model; names, decisions and clusters stay.

    Uses the original photographs where they are still there and unchanged, else the stored crops; a path that was
    enrolled relative to a folder is looked for from the folder you stand in. The gallery answers as before until the
    last vector is there. After an interruption, run it again: only the rest is done.
    """
    from identity.documents.reembedding import reembed_fields

    with open_home() as home:
        counts = home.store.galleries.counts(home.store.galleries.get(gallery))
        total = counts.samples + counts.calibration_samples
        with bar(None if dry_run else total, what="re-embedding", unit="sample") as advance:
            report = home.reembed(gallery, model=model, detector=detector, dry_run=dry_run, on_progress=advance)
    fields = reembed_fields(gallery, report, dry_run=dry_run)
    if json:
        render.document("reembed", fields)
    else:
        render.lines(_lines(fields))
    if fields["missing"]:
        render.complain(_missing(fields))
    raise typer.Exit(render.PARTLY_FAILED if fields["missing"] else 0)


def _lines(fields: ReembedFields) -> list[str]:
    made = f"{fields['from_files']} samples from their photographs, {fields['from_crops']} from their crops"
    if fields["dry_run"]:
        return [f"to embed by '{fields['model']}': {made}"]
    if not fields["switched"]:
        return [f"embedded by '{fields['model']}' so far: {made}; gallery '{fields['gallery']}' is as it was"]
    missing = f"its thresholds are gone: run 'identity calibrate -g {fields['gallery']}'"
    return [f"gallery '{fields['gallery']}' is embedded by '{fields['model']}': {made}", missing]


def _missing(fields: ReembedFields) -> str:
    samples = fields["missing"]
    which = " ".join(map(str, samples[:SHOWN])) + (" ..." if len(samples) > SHOWN else "")
    return (
        f"of {len(samples)} samples neither photograph nor crop is left ({which}): put the photographs back, or remove "
        f"these samples with 'identity samples remove -g {fields['gallery']}', then run this again"
    )
