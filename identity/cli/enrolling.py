"""`identity enroll`: what fills a gallery."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from identity import FaceCount
from identity.cli import render
from identity.cli.app import app
from identity.cli.options import DEFAULT, GalleryOption, JsonOption, Sources, open_gallery
from identity.cli.progress import bar
from identity.cli.stopping import stoppable

if TYPE_CHECKING:
    from identity import EnrolReport, FaceRules


FacesOption = Annotated[
    FaceCount | None, typer.Option(help="Faces to enroll. Default: the largest of a labelled image, else all.")
]
AnyImageOption = Annotated[
    bool, typer.Option("--any-image", help="Digits: take photographs that show no even paper, too.")
]
CropsOption = Annotated[bool, typer.Option(help="Keep a small picture of each sample to look at.")]


@app.command()
@stoppable("what was enrolled stays, run the command again for the rest")
def enroll(
    paths: Sources,
    *,
    gallery: GalleryOption = DEFAULT,
    label: Annotated[str | None, typer.Option("--as", help="Identity of all images, instead of their labels.")] = None,
    calibration_fraction: Annotated[
        float, typer.Option(help="Share of the labelled images kept to set the thresholds, not put into the gallery.")
    ] = 0.0,
    faces: FacesOption = None,
    min_face_px: Annotated[int, typer.Option(min=0, help="Leave out faces with a shorter side than this.")] = 24,
    min_score: Annotated[float, typer.Option(min=0, max=1, help="Leave out faces the detector is less sure of.")] = 0,
    min_sharpness: Annotated[
        float, typer.Option(min=0, help="Leave out faces with less sharpness than this; 0 takes all faces.")
    ] = 0.001,
    any_image: AnyImageOption = False,
    crops: CropsOption = True,
    json: JsonOption = False,
) -> None:
    """Put images into a gallery. After an interruption, run it again: only the rest is done."""
    from identity.documents.enrolment import enrol_fields
    from identity.gallery.images import count_images

    with open_gallery(gallery) as opened, bar(count_images(paths), what="enrolling") as advance:
        report = opened.enroll(
            paths,
            label=label,
            calibration_fraction=calibration_fraction,
            crops=crops,
            any_image=any_image,
            faces=_rules(faces, min_face_px, min_score, min_sharpness),
            on_progress=advance,
        )
    for name, error in report.failed:
        render.complain_of_image(name, error)
    if json:
        render.document("enroll", enrol_fields(gallery, report))
    else:
        render.lines(_report_lines(report, gallery))
    raise typer.Exit(render.PARTLY_FAILED if report.failed else 0)


def _rules(faces: FaceCount | None, min_face_px: int, min_score: float, min_sharpness: float) -> FaceRules:
    import identity

    return identity.FaceRules(faces, min_face_px, min_score, min_sharpness)


def _report_lines(report: EnrolReport, gallery: str) -> list[str]:
    lines = [f"{report.gallery} samples enrolled into '{gallery}', {report.calibration} kept for calibration"]
    if report.duplicates:
        lines.append(f"{report.duplicates} images were enrolled before")
    lines += [f"{count} skipped: {reason}" for reason, count in report.skipped.most_common()]
    return lines + ([f"{len(report.failed)} could not be read"] if report.failed else [])
