"""`identity enroll`: what fills a gallery."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from identity import FaceCount, UsageError
from identity.cli import render
from identity.cli.app import app
from identity.cli.asking import once_labels_are_clear
from identity.cli.options import DEFAULT, GalleryOption, JsonOption, Sources, open_gallery
from identity.cli.progress import bar
from identity.cli.stopping import stoppable

if TYPE_CHECKING:
    from identity import EnrolReport, FaceRules

LabelsOption = Annotated[
    str | None,
    typer.Option(
        metavar="folders|none|sidecar|FILE.csv",
        help="Whose names the images bear: the folder's they lie in, nobody's, for each face that of its region in XMP "
        "(.xmp files, or inside of photographs), or those in a CSV file of path and label. Default: the folder's, "
        "where folders look like names.",
    ),
]


FacesOption = Annotated[
    FaceCount | None, typer.Option(help="Faces to enroll. Default: the largest of a labelled image, else all.")
]
SizeOption = Annotated[int, typer.Option(min=0, help="Leave out faces with a shorter side than this.")]
ScoreOption = Annotated[float, typer.Option(min=0, max=1, help="Leave out faces the detector is less sure of.")]
SharpnessOption = Annotated[
    float, typer.Option(min=0, help="Leave out faces with less sharpness than this; 0 takes all faces.")
]
FractionOption = Annotated[
    float, typer.Option(help="Share of the labelled images kept to set the thresholds, not put into the gallery.")
]


AnyImageOption = Annotated[
    bool, typer.Option("--any-image", help="Digits: take photographs that show no even paper, too.")
]
OnOption = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        help="Let workers read and describe: dask://HOST:PORT, or dask://local?workers=N for N processes of this "
        "machine (extra 'cluster'). This program alone writes.",
    ),
]
SendOption = Annotated[
    bool, typer.Option("--send-images", help="With --on, where workers do not see the files: send their bytes.")
]
CropsOption = Annotated[bool, typer.Option(help="Keep a small picture of each sample to look at.")]


@app.command()
@stoppable("what was enrolled stays, run the command again for the rest")
def enroll(
    paths: Sources,
    *,
    gallery: GalleryOption = DEFAULT,
    label: Annotated[str | None, typer.Option("--as", help="Identity of all images, instead of their labels.")] = None,
    labels: LabelsOption = None,
    calibration_fraction: FractionOption = 0.0,
    faces: FacesOption = None,
    min_face_px: SizeOption = 24,
    min_score: ScoreOption = 0,
    min_sharpness: SharpnessOption = 0.001,
    any_image: AnyImageOption = False,
    crops: CropsOption = True,
    on: OnOption = None,
    send_images: SendOption = False,
    json: JsonOption = False,
) -> None:
    """Put images into a gallery. After an interruption, run it again: only the rest is done."""
    from identity.gallery.images import count_images

    if label is not None and labels is not None:
        raise UsageError("--as names all images, and --labels each: give one of them")
    if send_images and on is None:
        raise UsageError("--send-images is for workers elsewhere: say where with --on")
    rules = _rules(faces, min_face_px, min_score, min_sharpness)
    with open_gallery(gallery) as opened, bar(count_images(paths), what="enrolling") as advance:
        report = once_labels_are_clear(
            labels,
            lambda chosen: opened.enroll(
                paths, label=label, labels=chosen, calibration_fraction=calibration_fraction, crops=crops, faces=rules,
                any_image=any_image, on=on, send_images=send_images, on_progress=advance,
            ),
        )  # fmt: skip
    raise typer.Exit(_say(report, gallery, json=json))


def _say(report: EnrolReport, gallery: str, *, json: bool) -> int:
    """Print what became of the images; the exit code."""
    from identity.documents.enrolment import enrol_fields

    for name, error in report.failed:
        render.complain_of_image(name, error)
    if json:
        render.document("enroll", enrol_fields(gallery, report))
    else:
        render.lines(report_lines(report, gallery))
    return render.PARTLY_FAILED if report.failed else 0


def second_look(report: EnrolReport) -> list[str]:
    """What labels and places said anew of images that the gallery had."""
    lines = [f"{report.named} named since"] if report.named else []
    lines += [f"{report.moved} moved since, and were followed"] if report.moved else []
    lines += [str(conflict) for conflict in report.conflicts]
    if report.unmatched:
        few = ", ".join(report.unmatched[:3]) + (", ..." if len(report.unmatched) > 3 else "")
        lines.append(f"{len(report.unmatched)} labels are of no image that was read: {few}")
    return lines


def _rules(faces: FaceCount | None, min_face_px: int, min_score: float, min_sharpness: float) -> FaceRules:
    import identity

    return identity.FaceRules(faces, min_face_px, min_score, min_sharpness)


def report_lines(report: EnrolReport, gallery: str) -> list[str]:
    """What became of the images, as people read it."""
    lines = [f"{report.gallery} samples enrolled into '{gallery}', {report.calibration} kept for calibration"]
    if report.duplicates:
        lines.append(f"{report.duplicates} images were enrolled before")
    lines += second_look(report)
    lines += [f"{count} skipped: {reason}" for reason, count in report.skipped.most_common()]
    lines += [str(one) for one in report.unread]
    return lines + ([f"{len(report.failed)} could not be read"] if report.failed else [])
