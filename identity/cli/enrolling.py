"""`identity enroll` and `identity calibrate`: what fills a gallery, and what makes it answer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from identity.cli import render
from identity.cli.app import app
from identity.cli.options import GalleryOption, JsonOption, Sources, opened_gallery
from identity.cli.progress import bar
from identity.cli.promises import calibration_fields, promise
from identity.wiring import count_images

if TYPE_CHECKING:
    from identity.workflows.enroll import EnrolReport

PARTLY_FAILED = 6


@app.command()
def enroll(
    paths: Sources,
    *,
    gallery: GalleryOption = "digits",
    label: Annotated[str | None, typer.Option("--as", help="Identity of all images, instead of their own.")] = None,
    calibration_fraction: Annotated[
        float, typer.Option(help="Share of the labelled images kept for thresholds instead of the gallery.")
    ] = 0.0,
    crops: Annotated[bool, typer.Option(help="Keep a small picture of each sample to look at.")] = True,
    json: JsonOption = False,
) -> None:
    """Put images into a gallery. Run again after an interruption, only the rest is done."""
    with opened_gallery(gallery) as opened, bar(count_images(paths), what="enrolling") as advance:
        report = opened.enroll(
            paths, label=label, calibration_fraction=calibration_fraction, crops=crops, on_progress=advance
        )
    for name, error in report.failed:
        render.complain_of_image(name, error)
    if json:
        render.document("enroll", {"gallery": gallery} | _report_fields(report))
    else:
        render.lines(_report_lines(report, gallery))
    raise typer.Exit(PARTLY_FAILED if report.failed else 0)


def _report_fields(report: EnrolReport) -> dict[str, Any]:
    return {
        "images": report.images,
        "gallery_samples": report.gallery,
        "calibration_samples": report.calibration,
        "duplicates": report.duplicates,
        "skipped": dict(report.skipped),
        "failed": [{"source": name, "error": error} for name, error in report.failed],
    }


def _report_lines(report: EnrolReport, gallery: str) -> list[str]:
    lines = [f"{report.gallery} samples enrolled into '{gallery}', {report.calibration} kept for calibration"]
    if report.duplicates:
        lines.append(f"{report.duplicates} images were enrolled before")
    lines += [f"{count} skipped: {reason}" for reason, count in report.skipped.most_common()]
    return lines + ([f"{len(report.failed)} could not be read"] if report.failed else [])


@app.command()
def calibrate(
    *,
    gallery: GalleryOption = "digits",
    alpha: Annotated[float, typer.Option(help="Probability with which the true identity may be refused.")] = 0.01,
    k: Annotated[
        int | None, typer.Option("--k", "-k", help="Neighbour that decides; else 5 where identities are large, or 1.")
    ] = None,
    target_far: Annotated[
        float | None, typer.Option(help="Lower the thresholds until at most this share of the negatives is accepted.")
    ] = None,
    negatives: Annotated[
        list[Path] | None, typer.Option(help="Images of nobody in the gallery; a sub-folder is one person.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Set each identity's threshold from the samples kept for calibration, and say what it promises."""
    if (target_far is None) != (not negatives):
        raise typer.BadParameter("--target-far and --negatives go together")
    with opened_gallery(gallery) as opened:
        made = opened.calibrate(alpha=alpha, k=k, target_far=target_far, negatives=negatives or ())
        names = opened.store.identities()
    rows = [(names[identity], entry.n, entry.threshold, entry.enough) for identity, entry in made.classes.items()]
    if json:
        classes = [dict(zip(("identity", "n", "threshold", "enough"), row, strict=True)) for row in rows]
        render.document("calibrate", {"gallery": gallery} | calibration_fields(made) | {"identities": classes})
        return
    shown = [(name, n, f"{t:.4f}", "" if enough else "insufficient data: pooled") for name, n, t, enough in rows]
    render.table(shown, header=("identity", "n", "threshold", ""))
    render.lines([promise(made)])
