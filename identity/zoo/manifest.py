"""Reads and writes `manifest.json`, the page of facts that lies beside every model file; trusts none of it unread."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path

from identity.core.domain import DOMAINS
from identity.core.errors import ModelError
from identity.core.model import InputSpec, ModelManifest, OperatingPoint, Recommendation
from identity.core.shown import LONE_SURROGATE, shown_name
from identity.zoo.fields import (
    Document,
    choice_of,
    length_of,
    matching_text,
    number_of,
    reason_of,
    section_of,
    short,
    text_of,
    whole_number,
)

__all__ = ["MANIFEST", "SCHEMA", "InputSpec", "ModelManifest", "OperatingPoint", "dump", "parse", "read"]

SCHEMA = "identity.model/1"
MANIFEST = "manifest.json"
DETECTOR = "detector"
ALIGNMENTS = ("mnist-28/1", "five-point/1", "whole/1", "loose/1")
CHANNELS = {"grey": 1, "rgb": 3, "bgr": 3}
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
LARGEST_BYTES = 16 << 20
SHA256 = re.compile(r"[0-9a-f]{64}")


def read(path: Path) -> ModelManifest:
    """The manifest in a file. Raises `ModelError`, naming the file, where it is missing or says something wrong."""
    named = shown_name(path)
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_BYTES + 1)
        text = content.decode("utf-8")
    except (OSError, ValueError) as error:
        raise ModelError(
            f"cannot read the manifest {named} ({reason_of(error)}): check the path and the file"
        ) from error
    if len(content) > LARGEST_BYTES:
        raise ModelError(f"the manifest {named} has more than {LARGEST_BYTES:,} bytes: check the path")
    return parse(text, where=named)


def parse(text: str, *, where: str = MANIFEST) -> ModelManifest:
    """The manifest in a JSON text. Raises `ModelError`, one line starting with `where`, on anything wrong."""
    try:
        return _manifest(_parse(text))
    except ModelError as error:
        raise ModelError(f"{where}: {error}") from error


def dump(manifest: ModelManifest) -> str:
    """The manifest as JSON, as `parse` reads it."""
    document: dict[str, object] = {"schema": SCHEMA, **asdict(manifest)}
    document["template"] = [list(point) for point in manifest.template] or None
    document["operating_points"] = [_known_only(asdict(point)) for point in manifest.operating_points]
    if manifest.recommended is None:
        del document["recommended"]
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _known_only(document: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in document.items() if value is not None}


def _parse(text: str) -> Document:
    try:
        document = json.loads(text)
    except RecursionError as error:
        raise ModelError("must be valid JSON (it is nested too deep)") from error
    except ValueError as error:
        raise ModelError(f"must be valid JSON ({reason_of(error)})") from error
    if not isinstance(document, dict):
        raise ModelError("must be a JSON object")
    if LONE_SURROGATE.search(json.dumps(document, ensure_ascii=False)):
        raise ModelError("must be valid Unicode: a text in it holds half a character")
    if document.get("schema") != SCHEMA:
        raise ModelError(f"'schema' must be '{SCHEMA}', not {short(document.get('schema'))}")
    return document


def _manifest(document: Document) -> ModelManifest:
    kind = choice_of(document, "kind", (*DOMAINS, DETECTOR))
    alignment = choice_of(document, "alignment", ALIGNMENTS)
    return ModelManifest(
        name=matching_text(document, "name", NAME, "lower-case letters, digits, '.', '_' and '-'"),
        kind=kind,
        file=_file(document),
        sha256=matching_text(document, "sha256", SHA256, "64 lower-case hex digits"),
        bytes=whole_number(document, "bytes", at_least=1),
        dim=_dim(document, kind),
        input=_input(section_of(document, "input"), kind),
        alignment=alignment,
        template=_template(document, alignment),
        licence=text_of(document, "licence"),
        source=text_of(document, "source"),
        operating_points=_operating_points(document),
        recommended=_recommended(document),
        training=None if document.get("training") is None else section_of(document, "training"),
    )


def _input(section: Document, kind: str) -> InputSpec:
    channels = choice_of(section, "channels", tuple(CHANNELS))
    mean = section.get("mean")
    if not isinstance(mean, list) or len(mean) != CHANNELS[channels]:
        raise ModelError(f"'mean' must be a list of {CHANNELS[channels]} numbers for channels '{channels}'")
    scale = number_of(section.get("scale"), "scale")
    if scale == 0:
        raise ModelError("'scale' must not be 0")
    return InputSpec(
        layout=choice_of(section, "layout", ("NHWC", "NCHW")),
        size_px=whole_number(section, "size_px", at_least=0 if kind == DETECTOR else 1),
        channels=channels,
        mean=tuple(number_of(one, "mean") for one in mean),
        scale=scale,
    )


def _dim(document: Document, kind: str) -> int:
    dim = whole_number(document, "dim", at_least=0 if kind == DETECTOR else 1)
    if kind == DETECTOR and dim != 0:
        raise ModelError("'dim' of a detector must be 0")
    return dim


def _template(document: Document, alignment: str) -> tuple[tuple[float, float], ...]:
    points = document.get("template")
    if points is None and alignment != "five-point/1":
        return ()
    if not isinstance(points, list) or len(points) != 5 or any(length_of(point) != 2 for point in points):
        raise ModelError("'template' must be five points [x, y] as fractions of the side")
    return tuple((number_of(x, "template"), number_of(y, "template")) for x, y in points)


def _operating_points(document: Document) -> tuple[OperatingPoint, ...]:
    listed = document.get("operating_points", [])
    if not isinstance(listed, list) or not all(isinstance(point, dict) for point in listed):
        raise ModelError("'operating_points' must be a list of objects with 'fmr' and 'distance'")
    return tuple(_operating_point(point) for point in listed)


def _operating_point(point: Document) -> OperatingPoint:
    fmr, distance = number_of(point.get("fmr"), "fmr"), number_of(point.get("distance"), "distance")
    if not (0 < fmr < 1 and 0 <= distance <= 2):
        raise ModelError(
            f"an operating point must have fmr between 0 and 1 and distance from 0 to 2, not {fmr:g} and {distance:g}"
        )
    by, on = (text_of(point, key) if key in point else "" for key in ("measured_by", "measured_on"))
    return OperatingPoint(fmr, distance, by, on, _interval(point))


def _interval(point: Document) -> tuple[float, float] | None:
    interval = point.get("interval")
    if interval is None:
        return None
    if not isinstance(interval, list) or len(interval) != 2:
        raise ModelError(f"'interval' of an operating point must be two rates, not {short(interval)}")
    return number_of(interval[0], "interval"), number_of(interval[1], "interval")


def _recommended(document: Document) -> Recommendation | None:
    if document.get("recommended") is None:
        return None
    section = section_of(document, "recommended")
    distance = number_of(section.get("distance"), "distance")
    if not 0 <= distance <= 2:
        raise ModelError(f"'recommended' must have a distance from 0 to 2, not {distance:g}")
    return Recommendation(distance, text_of(section, "stated"))


def _file(document: Document) -> str:
    file = text_of(document, "file")
    if not file or Path(file).name != file or not file.isprintable() or "\\" in file or file in {".", "..", MANIFEST}:
        raise ModelError(f"'file' must be the name of a file in the model's folder, not {short(file)}")
    return file
