"""`identity calibrate`: what makes a gallery answer, and what its thresholds promise."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from identity.cli import render
from identity.cli.app import app
from identity.cli.options import DEFAULT, GalleryOption, JsonOption, given_path, open_gallery
from identity.cli.stopping import stoppable

if TYPE_CHECKING:
    from identity import SourceImage
    from identity.documents.calibration import CalibrateFields, PeopleThresholdFields, PointFields

RuleOption = Annotated[
    str | None,
    typer.Option(help="conformal, target-far, own-pairs, reference, published or chosen. Default: by kind of gallery."),
]
AlphaOption = Annotated[
    float | None, typer.Option(help="Probability with which the true identity may be refused; 0.01 if not given.")
]
NeighbourOption = Annotated[
    int | None, typer.Option("--k", "-k", help="Decide by the k-th nearest sample. Default: 5 or 1, by size.")
]
TargetFarOption = Annotated[
    float | None, typer.Option(help="Lower the thresholds until at most this share of the negatives is accepted.")
]
NegativesOption = Annotated[
    list[Path] | None,
    typer.Option(
        parser=given_path, metavar="<path>",
        help="Images that show no identity of the gallery; each sub-folder is one person.",
    ),
]
TargetFmrOption = Annotated[
    float | None, typer.Option(help="People: false match rate of a pair of faces; 0.001 if not given.")
]
TargetFpirOption = Annotated[
    float | None, typer.Option(help="People: share of strangers that a search may accept; 0.01 if not given.")
]
ChosenOption = Annotated[
    float | None, typer.Option("--threshold", help="A cosine distance of your own choice; nothing is promised of it.")
]


@app.command()
@stoppable("the thresholds are as they were before, run the command again")
def calibrate(
    *,
    gallery: GalleryOption = DEFAULT,
    rule: RuleOption = None,
    alpha: AlphaOption = None,
    k: NeighbourOption = None,
    target_far: TargetFarOption = None,
    negatives: NegativesOption = None,
    target_fmr: TargetFmrOption = None,
    target_fpir: TargetFpirOption = None,
    threshold: ChosenOption = None,
    json: JsonOption = False,
) -> None:
    """Set each identity's threshold, and say what it promises.

    Digits: from the samples kept for calibration. People: from the gallery's own pairs, every one left out in turn;
    where they are too few, from the reference points of the network, or from what its publisher recommends.
    """
    from identity.documents.calibration import calibrate_fields, promise_of

    failed: list[SourceImage] = []
    with open_gallery(gallery) as opened:
        made = opened.calibrate(
            rule=rule,
            alpha=alpha,
            k=k,
            target_far=target_far,
            negatives=negatives or None,
            target_fmr=target_fmr,
            target_fpir=target_fpir,
            threshold=threshold,
            on_failure=failed.append,
        )
        names, counts = opened.store.identities(), opened.samples.counts()
    fields = calibrate_fields(gallery, made, names=names, counts=counts)
    if json:
        render.document("calibrate", fields)
    else:
        _show(fields, promise_of(made))
    raise typer.Exit(render.complain_of_all(failed))


def _show(fields: CalibrateFields, promise: list[str]) -> None:
    if "people" in fields:
        _print_people(fields, fields["people"])
    else:
        _print(fields)
    render.lines(promise)


def _print(fields: CalibrateFields) -> None:
    rows = [
        (one["identity"], one["n"], f"{one['threshold']:.4f}", "" if one["enough"] else "insufficient data: pooled")
        for one in fields["identities"]
    ]
    render.table(rows, header=("identity", "n", "threshold", ""))


def _print_people(fields: CalibrateFields, people: PeopleThresholdFields) -> None:
    points = {"pair: same": people["verify"], "pair: uncertain": people["uncertain"], "search": people["search"]}
    header = ("decides", "rate", "target", "threshold", "n", "people", "observed", "95 % interval", "")
    render.table([_point(name, point) for name, point in points.items()], header=header)
    if fields["identities"]:
        print()
        rows = [
            (one["identity"], one["n"], f"{one['threshold']:.4f}", f"{one['own_weight']:.0%}", _remark(one["enough"]))
            for one in fields["identities"]
        ]
        render.table(rows, header=("identity", "n", "threshold", "own weight", ""))
    print()


def _point(name: str, point: PointFields) -> tuple[object, ...]:
    rate = "FPIR" if name == "search" else "FMR"
    target, threshold = "" if point["target"] is None else f"{point['target']:.2g}", f"{point['threshold']:.4f}"
    observed, reference = point["observed"], point["reference"]
    if observed is None or reference is not None:
        return name, rate, target, threshold, "", "", "", "", "" if reference is None else reference["remark"]
    between = " .. ".join(f"{end:.2%}" for end in observed["interval"])
    remark = _remark(not point["insufficient_data"])
    return name, rate, target, threshold, point["n"], point["people"], f"{observed['rate']:.3%}", between, remark


def _remark(enough: bool) -> str:
    return "" if enough else "insufficient data (rule of 30)"
