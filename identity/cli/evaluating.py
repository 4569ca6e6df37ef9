"""`identity evaluate`: the error rates of a gallery, on images whose truth is known."""

from __future__ import annotations

import csv
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from identity.cli import render
from identity.cli.app import app
from identity.cli.options import GalleryOption, JsonOption, opened_gallery
from identity.cli.progress import bar
from identity.cli.promises import calibration_fields
from identity.core.errors import NotFoundError
from identity.wiring import count_images

if TYPE_CHECKING:
    from identity.workflows.evaluate import Evaluation, Share

PARTLY_FAILED = 6


@app.command()
def evaluate(
    *,
    known: Annotated[list[Path], typer.Option(help="Labelled images of the gallery's identities.")],
    unknown: Annotated[list[Path] | None, typer.Option(help="Images of anything else; may be given again.")] = None,
    gallery: GalleryOption = "digits",
    json: JsonOption = False,
    per_sample: Annotated[Path | None, typer.Option(help="Write one CSV row per probe here.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw scores, ROC and accepted shares here.")] = None,
) -> None:
    """Measure accuracy, refusals and false acceptances, with 95 % confidence intervals."""
    strangers = unknown or []
    for file in (per_sample, plot):
        if file is not None and not file.parent.is_dir():
            raise NotFoundError(f"there is no folder '{file.parent}' to write {file.name} into: create it first")
    with opened_gallery(gallery) as opened, bar(count_images([*known, *strangers]), what="evaluating") as advance:
        calibration = opened.asked().calibration
        made = opened.evaluate(known, strangers, on_progress=advance)
    for image in made.failed:
        render.complain_of(image)
    if per_sample is not None:
        _write_rows(made, per_sample)
    if plot is not None:
        _draw(made, plot)
    if json:
        fields = {"gallery": gallery, "calibration": calibration_fields(calibration), "stale": calibration.stale}
        render.document("evaluate", fields | evaluation_fields(made))
    else:
        _print(made)
    raise typer.Exit(PARTLY_FAILED if made.failed else 0)


def evaluation_fields(made: Evaluation) -> dict[str, Any]:
    """All figures, with their intervals."""
    failed = [{"source": image.name, "error": image.error} for image in made.failed]
    return {"known": asdict(made.known), "unknown": [asdict(one) for one in made.unknown], "failed": failed}


def _write_rows(made: Evaluation, path: Path) -> None:
    from identity.workflows.judging import PER_SAMPLE_COLUMNS, per_sample_rows

    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(PER_SAMPLE_COLUMNS)
        for judged in (made.judged_known, *made.judged_unknown):
            rows.writerows(per_sample_rows(judged))


def _draw(made: Evaluation, path: Path) -> None:
    from identity.plots import evaluation

    names = [one.source for one in made.unknown]
    scores = dict(zip(names, (judged.score for judged in made.judged_unknown), strict=True))
    accepted = {
        one.source: {label: share.value for label, share in one.accepted_per_label.items()} for one in made.unknown
    }
    evaluation.draw(made.judged_known.score, scores, accepted, path=path)


def _print(made: Evaluation) -> None:
    known = made.known
    shares = {
        "1-NN accuracy": known.accuracy_1nn,
        "5-NN accuracy": known.accuracy_5nn,
        "refused (own identity not accepted)": known.refused,
        "unknown (no identity accepted)": known.unknown,
        "ambiguous": known.ambiguous,
        "known but wrong": known.wrong,
    }
    print(f"{known.n} known images")
    render.table([(name, *_share(share)) for name, share in shares.items()], header=("", "share", "95 % interval"))
    print()
    rows = [
        (label, f"{share.value:.2%}", f"{known.unknown_per_label[label].value:.2%}", share.n)
        for label, share in known.refused_per_label.items()
    ]
    render.table(rows, header=("identity", "refused", "unknown", "n"))
    for one in made.unknown:
        print(f"\n{one.n} unknown images from {one.source}")
        ccr = ", ".join(f"{value:.4f} at {fpr}" for fpr, value in one.ccr_at_fpr.items())
        print(f"AUROC {one.auroc:.5f}, FPR95 {one.fpr95:.4f}, OSCR {one.oscr:.5f}, CCR at FPR: {ccr}")
        print(f"accepted {' '.join(_share(one.accepted))}")
        worst = sorted(one.accepted_per_label.items(), key=lambda entry: -entry[1].value)[:12]
        print("most accepted: " + ", ".join(f"{label or '(no label)'} {share.value:.1%}" for label, share in worst))


def _share(share: Share) -> tuple[str, str]:
    return f"{share.value:.2%}", f"{share.low:.2%} .. {share.high:.2%}"
