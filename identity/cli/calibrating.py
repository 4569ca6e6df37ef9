"""`identity calibrate`: what makes a gallery answer, and what its thresholds promise."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from identity.cli import render
from identity.cli.app import app
from identity.cli.options import GalleryOption, JsonOption, opened_gallery
from identity.cli.promises import calibration_fields, people_promises, promise

if TYPE_CHECKING:
    from collections.abc import Mapping

    from identity.core.calibration import Calibration, ChosenPoint
    from identity.core.types import SourceImage
    from identity.gallery import Gallery


@app.command()
def calibrate(
    *,
    gallery: GalleryOption = "digits",
    alpha: Annotated[
        float | None, typer.Option(help="Probability with which the true identity may be refused; 0.01 if not given.")
    ] = None,
    k: Annotated[
        int | None, typer.Option("--k", "-k", help="Neighbour that decides; else 5 where identities are large, or 1.")
    ] = None,
    target_far: Annotated[
        float | None, typer.Option(help="Lower the thresholds until at most this share of the negatives is accepted.")
    ] = None,
    negatives: Annotated[
        list[Path] | None, typer.Option(help="Images of nobody in the gallery; a sub-folder is one person.")
    ] = None,
    target_fmr: Annotated[
        float | None, typer.Option(help="People: false match rate of a pair of faces; 0.001 if not given.")
    ] = None,
    target_fpir: Annotated[
        float | None, typer.Option(help="People: share of strangers that a search may accept; 0.01 if not given.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Set each identity's threshold, and say what it promises.

    Digits: from the samples kept for calibration. People: from the gallery's own pairs, every one left out in turn;
    where they are too few, from the reference points of the network.
    """
    failed: list[SourceImage] = []
    with opened_gallery(gallery) as opened:
        made = opened.calibrate(
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
    elif made.people is not None:
        _print_people(names, counts, made)
    else:
        _print(names, made)
    raise typer.Exit(render.complain_of_all(failed))


def _counts(opened: Gallery) -> Mapping[int, int]:
    """Samples of each identity."""
    from collections import Counter

    from identity.core.types import Role

    return Counter(opened.store.all_vectors(Role.GALLERY)[1].identities.tolist())


def identity_fields(
    names: Mapping[int, str], counts: Mapping[int, int], made: Calibration, identity: int
) -> dict[str, Any]:
    """One identity's threshold and what stands behind it, for the document."""
    entry = made.classes[identity]
    fields: dict[str, Any] = {"identity": names[identity], "n": entry.n, "threshold": entry.threshold}
    fields |= {"enough": entry.enough}
    if made.people is None:
        return fields
    low, high = interval(made.people.search)
    return fields | {
        "n": counts[identity],
        "own_comparisons": entry.n,
        "own_weight": own_weight(counts[identity]),
        "fpir_interval": [low, high],
        "insufficient_data": not entry.enough,
    }


def _print(names: Mapping[int, str], made: Calibration) -> None:
    rows = [
        (names[i], entry.n, f"{entry.threshold:.4f}", "" if entry.enough else "insufficient data: pooled")
        for i, entry in made.classes.items()
    ]
    render.table(rows, header=("identity", "n", "threshold", ""))
    render.lines([promise(made)])


def _print_people(names: Mapping[int, str], counts: Mapping[int, int], made: Calibration) -> None:
    assert made.people is not None
    points = {"pair: same": made.people.verify, "pair: uncertain": made.people.doubt, "search": made.people.search}
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
    render.lines(people_promises(made.people))


def _point(name: str, point: ChosenPoint) -> tuple[object, ...]:
    rate = "FPIR" if name == "search" else "FMR"
    if point.published:
        return name, rate, f"{point.target:.2g}", f"{point.threshold:.4f}", "", "", "", "", "reference point"
    between = f"{point.low:.2%} .. {point.high:.2%}"
    observed = f"{point.rate:.3%}"
    remark = _remark(point.enough)
    return name, rate, f"{point.target:.2g}", f"{point.threshold:.4f}", point.n, point.people, observed, between, remark


def _remark(enough: bool) -> str:
    return "" if enough else "insufficient data (rule of 30)"


def interval(point: ChosenPoint) -> tuple[float, float]:
    """The interval of a point's error rate."""
    return point.low, point.high


def own_weight(samples: int) -> float:
    """How much of an identity's threshold is its own: the rest is the pooled one."""
    return samples / (30 + samples)
