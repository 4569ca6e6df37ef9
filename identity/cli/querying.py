"""`identity query`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from identity.cli import render
from identity.cli.app import app
from identity.cli.options import GalleryOption, JsonOption, KOption, Sources, ThresholdOption, open_gallery
from identity.cli.progress import bar
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
    gallery: GalleryOption = "digits",
    k: KOption = 5,
    threshold: ThresholdOption = None,
    json: JsonOption = False,
    draw: Annotated[
        Path | None, typer.Option(help="Draw boxes and verdicts; a second photograph goes to OUT-2.jpg, and so on.")
    ] = None,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit 3 if any probe is unknown.")] = False,
) -> None:
    """Say which identity each image shows, or that it shows none."""
    answers: list[ProbeVerdict] = []
    with open_gallery(gallery) as opened:
        calibration, store = opened.search_context(threshold=threshold).calibration, opened.store.gallery
        if calibration.stale:
            render.complain(f"the thresholds of gallery '{gallery}' are stale: run 'identity calibrate -g {gallery}'")
        try:
            _ask(opened.query(paths, k=k, threshold=threshold), answers, draw)
        except KeyboardInterrupt:
            _show(store, calibration, answers, json=json)
            raise
    _show(store, calibration, answers, json=json)
    raise typer.Exit(_exit_code(answers, unknown_counts=exit_code))


def _ask(asked: Iterator[ProbeVerdict], answers: list[ProbeVerdict], draw: Path | None) -> None:
    """Append every answer as it comes."""
    drawings = None if draw is None else _drawings(draw)
    with bar(None, what="asking") as advance:
        for answer in asked:
            if drawings is not None and (drawn := drawings.draw(answer, place=len(answers))):
                render.note(f"drawn: {drawn}")
            answers.append(answer.without_pixels())
            advance(1)


def _show(gallery: Any, calibration: Calibration, answers: list[ProbeVerdict], *, json: bool) -> None:
    for answer in answers:
        if answer.image.error is not None:
            render.complain_of(answer.image)
    if json:
        from identity.documents.query import query_fields

        render.document("query", query_fields(gallery, calibration, answers))
    else:
        render.lines(line for answer in answers for line in render.probe_line(answer, named=len(answers) > 1))


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
