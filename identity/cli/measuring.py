"""`identity models measure`: reference points of a face network, from photographs of named people."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from identity import UsageError
from identity.cli import render
from identity.cli.models import Name, models_app
from identity.cli.options import JsonOption, open_home, open_models
from identity.cli.progress import bar, transfer
from identity.cli.stopping import stoppable

if TYPE_CHECKING:
    from identity import SourceImage
    from identity.documents.measuring import MeasuredPointFields, MeasureFields

DetectorOption = Annotated[
    str | None, typer.Option(help="'yunet' or 'whole'; by default the one for the model.", show_default=False)
]
FewerOption = Annotated[
    bool, typer.Option("--even-if-fewer", help="Replace points that reach lower error rates, too.")
]
LfwOption = Annotated[
    bool, typer.Option("--lfw", help="Labeled Faces in the Wild, fetched as scikit-learn does (230 MB).")
]


@models_app.command()
@stoppable("the model is as it was before, run the command again")
def measure(
    name: Name,
    *,
    photographs: Annotated[
        Path | None, typer.Option(help="Folder of photographs, each person's in a sub-folder of its own.")
    ] = None,
    lfw: LfwOption = False,
    detector: DetectorOption = None,
    offline: Annotated[bool, typer.Option("--offline", help="Use no network, only the mirror folder.")] = False,
    even_if_fewer: FewerOption = False,
    json: JsonOption = False,
) -> None:
    """Measure how near different people come, and keep that as the network's reference points.

    Every pair of different people counts. Galleries that decide by reference points follow the new ones.
    """
    from identity.documents.measuring import measure_fields

    if lfw == (photographs is not None):
        raise UsageError("give either --photographs FOLDER or --lfw")
    failed: list[SourceImage] = []
    with bar(None, what="measuring") as advance, transfer("fetching LFW") as fetched:
        made = open_models().measure(
            name, photographs, detector=detector, offline=offline, even_if_fewer=even_if_fewer,
            on_bytes=fetched, on_progress=advance, on_failure=failed.append,
        )  # fmt: skip
    with open_home() as home:
        fields = measure_fields(name, made, home)
    if json:
        render.document("models-measure", fields)
    else:
        render.table([_row(point) for point in fields["points"]], header=("FMR", "distance", "95 % interval", ""))
        render.lines(_lines(fields))
    raise typer.Exit(render.complain_of_all(failed))


def _row(point: MeasuredPointFields) -> tuple[object, ...]:
    fmr, distance, interval = f"{point['fmr']:g}", f"{point['distance']:.4f}", point["interval"]
    if interval is None:
        return fmr, distance, "", f"not kept: {point['expected_errors']:.1f} errors expected, fewer than 30"
    return fmr, distance, " .. ".join(f"{end:.2g}" for end in interval), ""


def _lines(fields: MeasureFields) -> Iterator[str]:
    yield (
        f"measured on {fields['photographs']:,} photographs of {fields['people']:,} people in {fields['source']}: "
        f"{fields['pairs']:,} pairs of different people, detector {fields['detector']}"
    )
    for count, why in ((fields["without_face"], "show no face"), (fields["unnamed"], "lie in no person's folder")):
        if count:
            yield f"{count:,} photographs {why} and took no part"
    if fields["superfluous"]:
        yield (
            f"not kept: the points of model '{fields['model']}' reach lower error rates than these. "
            "Measure more people, or repeat with --even-if-fewer"
        )
        return
    yield f"kept in the manifest of model '{fields['model']}': see 'identity models show {fields['model']}'"
    if fields["following"]:
        yield f"these galleries decide by the new points from now on: {', '.join(fields['following'])}"
    if fields["staying"]:
        yield f"these galleries keep thresholds of their own: {', '.join(fields['staying'])}"
