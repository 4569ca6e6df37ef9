"""How `identity evaluate` shows the figures of a gallery of people."""

from __future__ import annotations

from dataclasses import asdict
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

from identity.cli import render

if TYPE_CHECKING:
    from identity.core.rules.people_points import PeopleThresholds
    from identity.workflows.evaluate.pair_metrics import PairFigures, SearchFigures
    from identity.workflows.evaluate.people import PeopleEvaluation


def fields(made: PeopleEvaluation) -> dict[str, Any]:
    """All figures, the curve as three lists."""
    curve = {name: getattr(made.curve, name).tolist() for name in ("distances", "fmr", "fnmr")}
    return {
        "verification": asdict(made.pairs) | {"curve": curve},
        "search": asdict(made.search),
        "groups": {
            group: {"verification": asdict(pairs), "search": asdict(search)}
            for group, (pairs, search) in made.groups.items()
        },
        "no_face": made.known.no_face + sum(one.no_face for one in made.unknown),
        "enrolled_already": made.enrolled,
    }


def draw(made: PeopleEvaluation, people: PeopleThresholds, path: Path) -> None:
    """FMR and FNMR."""
    from identity.plots import verification

    verification.draw(
        made.curve.distances,
        made.curve.fmr,
        made.curve.fnmr,
        thresholds=(people.verify.threshold, people.uncertain.threshold),
        photographs=made.pairs.photographs,
        path=path,
    )


def show(made: PeopleEvaluation) -> None:
    """Tables of verification and search, then one line per group."""
    pairs, search = made.pairs, made.search
    if made.enrolled:
        print(f"{made.enrolled} photographs are enrolled already and were left out")
    print(f"{pairs.photographs} photographs of {pairs.people} people, {made.known.no_face} more show no face")
    print(f"verification: {pairs.mated_pairs:,} pairs of one person, {pairs.other_pairs:,} of different people")
    rows = [
        (f"FAR {far}", f"{tar:.4f}", f"{pairs.distance_at_far[far]:.4f}") for far, tar in pairs.tar_at_far.items()
    ]
    render.table(rows, header=("at", "TAR", "distance"))
    print(f"at the gallery's threshold {pairs.threshold:.4f}: FMR {_rate(pairs.fmr)}, FNMR {_rate(pairs.fnmr)}\n")
    who = "of these people, each left out" if search.left_out else "strangers"
    print(f"search: {search.known} known photographs, {search.strangers} {who}; rank-1 {_rate(search.rank_1)}")
    render.table([(f"FPIR {fpir}", f"{tpir:.4f}") for fpir, tpir in search.tpir_at_fpir.items()], header=("at", "TPIR"))
    print(f"at the gallery's thresholds: TPIR {_rate(search.tpir)}, FPIR {_rate(search.fpir)}")
    if made.groups:
        print()
        header = ("group", "photographs", "people", "FMR", "FNMR", "rank-1", "TPIR", "FPIR")
        render.table([_group(name, *figures) for name, figures in made.groups.items()], header=header)


def _group(name: str, pairs: PairFigures, search: SearchFigures) -> tuple[object, ...]:
    rates = (pairs.fmr, pairs.fnmr, search.rank_1, search.tpir, search.fpir)
    return name, pairs.photographs, pairs.people, *map(_rate, rates)


def _rate(value: float) -> str:
    return "-" if isnan(value) else f"{value:.4%}"
