"""`identity query`."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from identity import UsageError
from identity.cli import render
from identity.cli.app import app
from identity.cli.options import DEFAULT, GalleryOption, JsonOption, KOption, Sources, ThresholdOption, open_gallery
from identity.cli.progress import answers
from identity.cli.stopping import stoppable

if TYPE_CHECKING:
    from identity import Calibration, ProbeVerdict
    from identity.gallery.drawings import Drawings

UNKNOWN, NO_FACE = 3, 4


@app.command()
@stoppable("the answers given are complete, ask about the other images again")
def query(
    paths: Sources,
    *,
    gallery: GalleryOption = DEFAULT,
    k: KOption = 5,
    threshold: ThresholdOption = None,
    json: JsonOption = False,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="Print one JSON document a line, each as it comes.")] = False,
    progress: Annotated[bool, typer.Option("--progress", help="Show answers on the terminal as they come.")] = False,
    draw: Annotated[
        Path | None, typer.Option(help="Draw boxes and verdicts; a second photograph goes to OUT-2.jpg, and so on.")
    ] = None,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit 3 if any probe is unknown.")] = False,
) -> None:
    """Say which identity each image shows, or that it shows none."""
    if json and jsonl:
        raise UsageError("give either --json or --jsonl")
    with open_gallery(gallery) as opened:
        calibration, store = opened.search_context(threshold=threshold).calibration, opened.store.gallery
        shown = Shown(store, calibration, json=json, jsonl=jsonl, drawings=None if draw is None else _drawings(draw))
        if calibration.stale:
            render.complain(f"the thresholds of gallery '{gallery}' are stale: run 'identity calibrate -g {gallery}'")
        try:
            with answers("asking", shown=progress) as report:
                for answer in opened.query(paths, k=k, threshold=threshold):
                    shown.add(answer)
                    report(render.probe_line(answer, named=True))
        except KeyboardInterrupt:
            shown.finish()
            raise
    shown.finish()
    raise typer.Exit(_exit_code(shown.answers, unknown_counts=exit_code))


@dataclass(slots=True)
class Shown:
    """The answers of a query, each shown as it comes (`jsonl`) or all of them at the end."""

    gallery: Any
    calibration: Calibration
    json: bool
    jsonl: bool
    drawings: Drawings | None
    answers: list[ProbeVerdict] = field(default_factory=list)

    def add(self, answer: ProbeVerdict) -> None:
        """Keep an answer; draw it, and print its line, where that was asked for."""
        if self.drawings is not None and (drawn := self.drawings.draw(answer, place=len(self.answers))):
            render.note(f"drawn: {drawn}")
        self.answers.append(answer.without_pixels())
        if self.jsonl:
            from identity.documents.query import answer_fields

            render.document_line("answer", answer_fields(self.gallery, self.calibration, answer))

    def finish(self) -> None:
        """Complain of what could not be read, and print what was not printed yet."""
        for answer in self.answers:
            if answer.image.error is not None:
                render.complain_of(answer.image)
        if self.json:
            from identity.documents.query import query_fields

            render.document("query", query_fields(self.gallery, self.calibration, self.answers))
        elif not self.jsonl:
            named = len(self.answers) > 1
            render.lines(line for answer in self.answers for line in render.probe_line(answer, named=named))


def _drawings(path: Path) -> Drawings:
    from identity.gallery.drawings import Drawings

    return Drawings(path)


def _exit_code(answers: list[ProbeVerdict], *, unknown_counts: bool) -> int:
    if any(answer.image.error is not None for answer in answers):
        return render.PARTLY_FAILED
    if answers and not any(answer.regions for answer in answers):
        return NO_FACE
    if unknown_counts and any(region.verdict.value == "unknown" for one in answers for region in one.regions):
        return UNKNOWN
    return 0
