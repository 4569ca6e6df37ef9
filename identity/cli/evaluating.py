"""`identity evaluate`: the error rates of a gallery, on images whose truth is known."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from identity import NotFoundError
from identity.cli import evaluating_people, render
from identity.cli.app import app
from identity.cli.options import DEFAULT, GalleryOption, JsonOption, given_path, open_gallery
from identity.cli.progress import bar
from identity.cli.stopping import stoppable
from identity.documents.text import visible

if TYPE_CHECKING:
    from identity import Calibration, Evaluation, PeopleEvaluation
    from identity.documents.evaluation import EvaluateFields, ShareFields, UnknownFields


@app.command()
@stoppable("nothing was measured, run the command again")
def evaluate(
    *,
    known: Annotated[
        list[Path],
        typer.Option(parser=given_path, metavar="<path>", help="Labelled images of the gallery's identities."),
    ],
    unknown: Annotated[
        list[Path] | None,
        typer.Option(parser=given_path, metavar="<path>", help="Images of strangers; may be repeated."),
    ] = None,
    gallery: GalleryOption = DEFAULT,
    json: JsonOption = False,
    per_sample: Annotated[Path | None, typer.Option(help="Write one CSV row per probe here.")] = None,
    plot: Annotated[
        Path | None, typer.Option(help="Draw digits: scores, ROC, who strangers are taken for; people: FMR, FNMR.")
    ] = None,
    groups: Annotated[
        Path | None, typer.Option(help="People: CSV file that gives a path or an identity its group.")
    ] = None,
) -> None:
    """Measure accuracy, refusals and false acceptances, with 95 % confidence intervals.

    People: verification (FMR, FNMR, TAR at FAR) and open-set search (TPIR at FPIR), by group where groups are given.
    """
    from identity.gallery.images import count_images

    strangers = unknown or []
    for file in (per_sample, plot):
        if file is not None and not file.parent.is_dir():
            raise NotFoundError(f"there is no folder '{file.parent}' to write {file.name} into: create it first")
    with open_gallery(gallery) as opened:
        with bar(count_images([*known, *strangers]), what="evaluating") as advance:
            calibration = opened.search_context().calibration
            made = opened.evaluate(known, strangers, groups=groups, on_progress=advance)
        if per_sample is not None:
            _write_rows(made, per_sample)
        if plot is not None:
            opened.plots.evaluation(plot, made)
    _answer(gallery, calibration, made, json=json)
    raise typer.Exit(render.complain_of_all(made.failed))


def _answer(gallery: str, calibration: Calibration, made: Evaluation | PeopleEvaluation, *, json: bool) -> None:
    from identity import Evaluation
    from identity.documents.evaluation import evaluate_fields, evaluate_people_fields

    if isinstance(made, Evaluation):
        fields = evaluate_fields(gallery, calibration, made)
        render.document("evaluate", fields) if json else _print(fields)
    else:
        of_people = evaluate_people_fields(gallery, calibration, made)
        no_face = made.known.no_face
        render.document("evaluate", of_people) if json else evaluating_people.show(of_people, no_face=no_face)


def _write_rows(made: Evaluation | PeopleEvaluation, path: Path) -> None:
    from identity.documents.tables import probe_table

    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(probe_table(made))


def _print(fields: EvaluateFields) -> None:
    known = fields["known"]
    shares = {
        "1-NN accuracy": known["accuracy_1nn"],
        "5-NN accuracy": known["accuracy_5nn"],
        "refused (own identity not accepted)": known["refused"],
        "unknown (no identity accepted)": known["unknown"],
        "ambiguous": known["ambiguous"],
        "known but wrong": known["wrong"],
    }
    print(f"{known['n']} known images")
    render.table([(name, *_share(share)) for name, share in shares.items()], header=("", "share", "95 % interval"))
    print()
    rows = [
        (label, f"{share['value']:.2%}", f"{known['unknown_per_label'][label]['value']:.2%}", share["n"])
        for label, share in known["refused_per_label"].items()
    ]
    render.table(rows, header=("identity", "refused", "unknown", "n"))
    for one in fields["unknown"]:
        _print_unknown(one)


def _print_unknown(one: UnknownFields) -> None:
    print(f"\n{one['n']} unknown images from {visible(one['source'])}")
    ccr = ", ".join(f"{value:.4f} at {fpr}" for fpr, value in one["ccr_at_fpr"].items())
    print(f"AUROC {one['auroc']:.5f}, FPR95 {one['fpr95']:.4f}, OSCR {one['oscr']:.5f}, CCR at FPR: {ccr}")
    print(f"accepted {' '.join(_share(one['accepted']))}")
    worst = sorted(one["accepted_per_label"].items(), key=lambda entry: -(entry[1]["value"] or 0))[:12]
    print("most accepted: " + ", ".join(_acceptance(label, share, one) for label, share in worst if share["count"]))


def _acceptance(label: str, share: ShareFields, figures: UnknownFields) -> str:
    taken_for = figures["taken_for"][label]
    mostly = max(taken_for, key=lambda name: taken_for[name])
    return f"{label or '(no label)'} {share['value']:.1%} (mostly as {mostly})"


def _share(share: ShareFields) -> tuple[str, str]:
    return f"{share['value']:.2%}", f"{share['low']:.2%} .. {share['high']:.2%}"
