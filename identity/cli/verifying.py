"""`identity verify`: whether two photographs show the same person."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from identity.cli import render
from identity.cli.app import app
from identity.cli.options import DEFAULT, GalleryOption, JsonOption, ThresholdOption, given_path, open_gallery

if TYPE_CHECKING:
    from identity import ChosenPoint, Verification


@app.command()
def verify(
    first: Annotated[Path, typer.Argument(parser=given_path, metavar="first", help="A photograph.")],
    second: Annotated[Path, typer.Argument(parser=given_path, metavar="second", help="The other photograph.")],
    *,
    gallery: GalleryOption = DEFAULT,
    threshold: ThresholdOption = None,
    json: JsonOption = False,
) -> None:
    """Say whether two photographs show the same person, by the largest face of each, with a gallery's thresholds."""
    from identity.documents.verification import verify_fields

    with open_gallery(gallery) as opened:
        made = opened.verify(first, second, threshold=threshold)
    if json:
        render.document("verify", verify_fields(gallery, made))
    else:
        render.lines(_lines(made))


def _lines(made: Verification) -> list[str]:
    people = made.thresholds
    near, far = people.verify.threshold, people.uncertain.threshold
    where = {
        "same": f"<= {near:.3f}: {_rate(people.verify)}",
        "uncertain": f"between {near:.3f} ({_rate(people.verify)}) and {far:.3f} ({_rate(people.uncertain)})",
        "different": f"> {far:.3f}: {_rate(people.uncertain)}",
    }[made.verdict.value]
    lines = [
        f"{made.verdict.value}  cosine distance {made.distance:.3f} (Euclidean {made.euclidean_distance:.3f}) {where}"
    ]
    several = [
        f"{image.name} shows {faces} faces: the largest was compared"
        for image, faces in zip(made.images, made.faces, strict=True)
        if faces > 1
    ]
    return lines + several


def _rate(point: ChosenPoint) -> str:
    if point.target is None:
        return "" if point.reference is None else point.reference.origin
    origin = f", {point.reference.origin}" if point.reference is not None else ""
    return f"FMR {point.target:.2g}{origin}"
