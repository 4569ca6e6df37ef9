"""`identity calibrate`: what makes a gallery answer, and what its thresholds promise."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from identity.cli import render
from identity.cli.app import app
from identity.cli.options import GalleryOption, JsonOption, opened_gallery
from identity.documents.calibration import calibration_fields, identity_fields, own_weight

if TYPE_CHECKING:
    from collections.abc import Mapping

    from identity.core.calibration import Calibration, ChosenPoint
    from identity.core.rules.people_points import PeopleThresholds
    from identity.core.types import SourceImage
    from identity.gallery import Gallery

RuleOption = Annotated[
    str | None, typer.Option(help="conformal, target-far, own-pairs or reference. Default: by the kind of gallery.")
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
    list[Path] | None, typer.Option(help="Images of nobody in the gallery; each sub-folder is one person.")
]
TargetFmrOption = Annotated[
    float | None, typer.Option(help="People: false match rate of a pair of faces; 0.001 if not given.")
]
TargetFpirOption = Annotated[
    float | None, typer.Option(help="People: share of strangers that a search may accept; 0.01 if not given.")
]


@app.command()
def calibrate(
    *,
    gallery: GalleryOption = "digits",
    rule: RuleOption = None,
    alpha: AlphaOption = None,
    k: NeighbourOption = None,
    target_far: TargetFarOption = None,
    negatives: NegativesOption = None,
    target_fmr: TargetFmrOption = None,
    target_fpir: TargetFpirOption = None,
    json: JsonOption = False,
) -> None:
    """Set each identity's threshold, and say what it promises.

    Digits: from the samples kept for calibration. People: from the gallery's own pairs, every one left out in turn;
    where they are too few, from the reference points of the network.
    """
    failed: list[SourceImage] = []
    with opened_gallery(gallery) as opened:
        made = opened.calibrate(
            rule=rule,
            alpha=alpha,
            k=k,
            target_far=target_far,
            negatives=negatives or None,
            target_fmr=target_fmr,
            target_fpir=target_fpir,
            on_failure=failed.append,
        )
        names, counts = opened.store.identities(), _counts(opened)
    if json:
        fields = {"identities": [identity_fields(names, counts, made, identity) for identity in made.classes]}
        render.document("calibrate", {"gallery": gallery} | calibration_fields(made) | fields)
    else:
        _show(names, counts, made)
    raise typer.Exit(render.complain_of_all(failed))


def _show(names: Mapping[int, str], counts: Mapping[int, int], made: Calibration) -> None:
    """Thresholds as a table, then the promise."""
    from identity.core.rules.people_points import people_thresholds
    from identity.core.rules.table import rule_of

    points = people_thresholds(made)
    if points is not None:
        _print_people(names, counts, made, points)
    else:
        _print(names, made)
    render.lines(rule_of(made).promise(made))


def _counts(opened: Gallery) -> Mapping[int, int]:
    """Samples of each identity."""
    from collections import Counter

    from identity.core.types import Role

    return Counter(opened.store.all_vectors(Role.GALLERY)[1].identities.tolist())


def _print(names: Mapping[int, str], made: Calibration) -> None:
    rows = [
        (names[i], entry.n, f"{entry.threshold:.4f}", "" if entry.enough else "insufficient data: pooled")
        for i, entry in made.classes.items()
    ]
    render.table(rows, header=("identity", "n", "threshold", ""))


def _print_people(
    names: Mapping[int, str], counts: Mapping[int, int], made: Calibration, people: PeopleThresholds
) -> None:
    points = {"pair: same": people.verify, "pair: uncertain": people.uncertain, "search": people.search}
    header = ("decides", "rate", "target", "threshold", "n", "people", "observed", "95 % interval", "")
    render.table([_point(name, point) for name, point in points.items()], header=header)
    if made.classes:
        print()
        rows = [
            (names[i], counts[i], f"{entry.threshold:.4f}", f"{own_weight(counts[i]):.0%}", _remark(entry.enough))
            for i, entry in made.classes.items()
        ]
        render.table(rows, header=("identity", "n", "threshold", "own weight", ""))
    print()


def _point(name: str, point: ChosenPoint) -> tuple[object, ...]:
    rate = "FPIR" if name == "search" else "FMR"
    if point.reference is not None:
        return name, rate, f"{point.target:.2g}", f"{point.threshold:.4f}", "", "", "", "", "reference point"
    between = f"{point.low:.2%} .. {point.high:.2%}"
    observed = f"{point.rate:.3%}"
    remark = _remark(point.enough)
    return name, rate, f"{point.target:.2g}", f"{point.threshold:.4f}", point.n, point.people, observed, between, remark


def _remark(enough: bool) -> str:
    return "" if enough else "insufficient data (rule of 30)"
