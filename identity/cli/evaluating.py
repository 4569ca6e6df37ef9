"""`identity evaluate`: the error rates of a gallery, on images whose truth is known."""

from __future__ import annotations

import csv
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from identity.cli import evaluating_people, render
from identity.cli.app import app
from identity.cli.options import GalleryOption, JsonOption, opened_gallery
from identity.cli.progress import bar
from identity.core.errors import NotFoundError
from identity.documents.calibration import calibration_fields

if TYPE_CHECKING:
    from collections.abc import Sequence

    from identity.core.calibration import Calibration
    from identity.core.types import SourceImage
    from identity.workflows.evaluate.people import PeopleEvaluation
    from identity.workflows.evaluate.probe_table import ProbeTable
    from identity.workflows.evaluate.recognition import Evaluation, Share, UnknownFigures


@app.command()
def evaluate(
    *,
    known: Annotated[list[Path], typer.Option(help="Labelled images of the gallery's identities.")],
    unknown: Annotated[list[Path] | None, typer.Option(help="Images of anything else; may be repeated.")] = None,
    gallery: GalleryOption = "digits",
    json: JsonOption = False,
    per_sample: Annotated[Path | None, typer.Option(help="Write one CSV row per probe here.")] = None,
    plot: Annotated[
        Path | None, typer.Option(help="Draw scores, ROC and what strangers are taken for, or FMR and FNMR.")
    ] = None,
    groups: Annotated[
        Path | None, typer.Option(help="People: CSV file that gives a path or an identity its group.")
    ] = None,
) -> None:
    """Measure accuracy, refusals and false acceptances, with 95 % confidence intervals.

    People: verification (FMR, FNMR, TAR at FAR) and open-set search (TPIR at FPIR), by group where groups are given.
    """
    from identity.gallery.images import count_images
    from identity.workflows.evaluate.recognition import Evaluation

    strangers = unknown or []
    for file in (per_sample, plot):
        if file is not None and not file.parent.is_dir():
            raise NotFoundError(f"there is no folder '{file.parent}' to write {file.name} into: create it first")
    with opened_gallery(gallery) as opened, bar(count_images([*known, *strangers]), what="evaluating") as advance:
        calibration = opened.search_context().calibration
        wanted = _Wanted(gallery, calibration, json=json, per_sample=per_sample, plot=plot)
        made = opened.evaluate(known, strangers, groups=groups, on_progress=advance)
    failed = _others(made, wanted) if isinstance(made, Evaluation) else _people(made, wanted)
    raise typer.Exit(render.complain_of_all(failed))


@dataclass(frozen=True, slots=True)
class _Wanted:
    """In which forms the figures are asked for."""

    gallery: str
    calibration: Calibration
    json: bool
    per_sample: Path | None
    plot: Path | None

    def document(self, fields: dict[str, Any], failed: Sequence[SourceImage]) -> None:
        """Everything as one document."""
        bound = {"calibration": calibration_fields(self.calibration), "stale": self.calibration.stale}
        unread = [{"source": image.name, "error": image.error} for image in failed]
        render.document("evaluate", {"gallery": self.gallery} | bound | fields | {"failed": unread})


def _others(made: Evaluation, wanted: _Wanted) -> Sequence[SourceImage]:
    if wanted.per_sample is not None:
        _write_rows([made.judged_known, *made.judged_unknown], wanted.per_sample)
    if wanted.plot is not None:
        _draw(made, wanted.plot)
    if wanted.json:
        wanted.document(evaluation_fields(made), made.failed)
    else:
        _print(made)
    return made.failed


def _people(made: PeopleEvaluation, wanted: _Wanted) -> Sequence[SourceImage]:
    from identity.core.rules.people_points import people_thresholds

    points = people_thresholds(wanted.calibration)
    assert points is not None
    if wanted.per_sample is not None:
        _write_rows([made.known.judged, *(one.judged for one in made.unknown)], wanted.per_sample)
    if wanted.plot is not None:
        evaluating_people.draw(made, points, wanted.plot)
    if wanted.json:
        wanted.document(evaluating_people.fields(made), made.failed)
    else:
        evaluating_people.show(made)
    return made.failed


def evaluation_fields(made: Evaluation) -> dict[str, Any]:
    """All figures, with their intervals."""
    return {"known": asdict(made.known), "unknown": [asdict(one) for one in made.unknown]}


def _write_rows(judged_sources: Sequence[ProbeTable], path: Path) -> None:
    from identity.workflows.evaluate.probe_table import PER_SAMPLE_COLUMNS, per_sample_rows

    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(PER_SAMPLE_COLUMNS)
        for judged in judged_sources:
            rows.writerows(per_sample_rows(judged))


def _draw(made: Evaluation, path: Path) -> None:
    from identity.plots import evaluation

    names = [one.source for one in made.unknown]
    scores = dict(zip(names, (judged.score for judged in made.judged_unknown), strict=True))
    taken_for = {one.source: one.taken_for for one in made.unknown}
    evaluation.draw(made.judged_known.score, scores, taken_for, path=path)


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
        print("most accepted: " + ", ".join(_taken(label, share, one) for label, share in worst if share.count))


def _taken(label: str, share: Share, figures: UnknownFigures) -> str:
    taken_for = figures.taken_for[label]
    return f"{label or '(no label)'} {share.value:.1%} (mostly as {max(taken_for, key=lambda name: taken_for[name])})"


def _share(share: Share) -> tuple[str, str]:
    return f"{share.value:.2%}", f"{share.low:.2%} .. {share.high:.2%}"
