"""How `identity evaluate` shows the figures of a gallery of people."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

from identity.cli import render

if TYPE_CHECKING:
    from identity.documents.evaluation import EvaluatePeopleFields, PeopleGroupFields


def show(fields: EvaluatePeopleFields, *, no_face: int) -> None:
    """Tables of verification and search, then one line per group. `no_face` of the known photographs show no face."""
    pairs, search, remark = fields["verification"], fields["search"], fields["calibration"]["remark"]
    mark = f" ({remark})" if remark else ""
    if fields["enrolled_already"]:
        print(f"{fields['enrolled_already']} photographs are enrolled already and were left out")
    print(f"{pairs['photographs']} photographs of {pairs['people']} people, {no_face} more show no face")
    print(f"verification: {pairs['mated_pairs']:,} pairs of one person, {pairs['other_pairs']:,} of different people")
    rows = [
        (f"FAR {far}", f"{tar:.4f}", f"{pairs['distance_at_far'][far]:.4f}") for far, tar in pairs["tar_at_far"].items()
    ]
    render.table(rows, header=("at", "TAR", "distance"))
    own = f"FMR {_rate(pairs['fmr'])}, FNMR {_rate(pairs['fnmr'])}"
    print(f"at the gallery's threshold {pairs['threshold']:.4f}{mark}: {own}")
    print()
    who = "of these people, each left out" if search["left_out"] else "strangers"
    print(f"search: {search['known']} known photographs, {search['strangers']} {who}; rank-1 {_rate(search['rank_1'])}")
    at = [(f"FPIR {fpir}", f"{tpir:.4f}") for fpir, tpir in search["tpir_at_fpir"].items()]
    render.table(at, header=("at", "TPIR"))
    print(f"at the gallery's thresholds{mark}: TPIR {_rate(search['tpir'])}, FPIR {_rate(search['fpir'])}")
    if fields["groups"]:
        print()
        header = ("group", "photographs", "people", "FMR", "FNMR", "rank-1", "TPIR", "FPIR")
        render.table([_group(name, figures) for name, figures in fields["groups"].items()], header=header)


def _group(name: str, figures: PeopleGroupFields) -> tuple[object, ...]:
    pairs, search = figures["verification"], figures["search"]
    rates = (pairs["fmr"], pairs["fnmr"], search["rank_1"], search["tpir"], search["fpir"])
    return name, pairs["photographs"], pairs["people"], *map(_rate, rates)


def _rate(value: float | None) -> str:
    return "-" if value is None or isnan(value) else f"{value:.4%}"
