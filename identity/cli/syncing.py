"""`identity sync`: what keeps a gallery like a folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from identity.cli import render
from identity.cli.app import app
from identity.cli.asking import once_labels_are_clear
from identity.cli.enrolling import LabelsOption, report_lines
from identity.cli.options import DEFAULT, GalleryOption, JsonOption, given_path, open_gallery
from identity.cli.progress import bar
from identity.cli.stopping import stoppable

if TYPE_CHECKING:
    from identity import SyncReport

MOST_SHOWN = 20


@app.command()
@stoppable("what was done stays, run the command again for the rest")
def sync(
    folder: Annotated[Path, typer.Argument(parser=given_path, metavar="folder", help="Folder of photographs.")],
    *,
    gallery: GalleryOption = DEFAULT,
    labels: LabelsOption = None,
    forget_missing: Annotated[bool, typer.Option(help="Forget for good whose photographs are gone.")] = False,
    even_empty: Annotated[
        bool, typer.Option(help="Believe that a folder which is empty or not there means that all in it is gone.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Keep a gallery like a folder: enroll what is new, follow what moved, list what is gone, or forget it."""
    from identity.documents.syncing import sync_fields

    with open_gallery(gallery) as opened, bar(None, what="syncing") as advance:
        report = once_labels_are_clear(
            labels,
            lambda chosen: opened.sync(
                folder, labels=chosen, forget_missing=forget_missing, even_empty=even_empty, on_progress=advance
            ),
        )
    for name, error in report.enrolled.failed:
        render.complain_of_image(name, error)
    if json:
        render.document("sync", sync_fields(gallery, report))
    else:
        render.lines(_lines(report, gallery))
    raise typer.Exit(render.PARTLY_FAILED if report.enrolled.failed else 0)


def _lines(report: SyncReport, gallery: str) -> list[str]:
    lines = [*report_lines(report.enrolled, gallery), f"{report.unchanged} unchanged"]
    lines += [f"gone: {render.place(path)}" for path in report.gone[:MOST_SHOWN]]
    if len(report.gone) > MOST_SHOWN:
        lines.append(f"gone: {len(report.gone) - MOST_SHOWN} more")
    if report.doubtful:
        lines.append(
            f"{report.doubtful} of them lay in folders that are empty now, as without their disk: "
            "they are kept unless you say --even-empty"
        )
    if report.forgotten:
        lines.append(f"{report.forgotten} samples forgotten")
    elif report.gone:
        lines.append("they stay in the gallery: --forget-missing forgets them for good")
    return lines
