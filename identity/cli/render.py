"""Verdicts, tables and complaints as people read them, and the printing of documents."""

from __future__ import annotations

import math
import os
import sys
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from identity import MissingFontWarning
from identity.documents.text import visible
from identity.documents.writing import json_text

if TYPE_CHECKING:  # the vocabulary brings numpy along, which `identity --help` must not wait for
    from identity import Candidate, ProbeVerdict, RegionVerdict, Sample, SourceImage

PARTLY_FAILED = 6  # exit code: part of a batch failed


def document(name: str, fields: Mapping[str, Any]) -> None:
    """Print one JSON document."""
    print(json_text(name, fields, indent=2))


def document_line(name: str, fields: Mapping[str, Any]) -> None:
    """Print one JSON document on one line, at once."""
    print(json_text(name, fields), flush=True)


def complain(line: str) -> None:
    """One line on stderr that stops nothing."""
    print(visible(f"identity: {' '.join(line.split())}"), file=sys.stderr)


def note(line: str) -> None:
    """One line on stderr about something that was done."""
    print(visible(line), file=sys.stderr)


@contextmanager
def missing_fonts_said() -> Iterator[None]:
    """One line on stderr for each script that pictures need, and no font has."""
    usual, scripts = warnings.showwarning, set[str]()

    def show(message: Warning | str, category: type[Warning], *rest: Any, **more: Any) -> None:
        if not isinstance(message, MissingFontWarning):
            usual(message, category, *rest, **more)
        elif message.script not in scripts:
            scripts.add(message.script)
            complain(str(message))

    warnings.showwarning = show
    try:
        yield
    finally:
        warnings.showwarning = usual


def complain_of(image: SourceImage) -> None:
    """One line on stderr about an image that could not be read; its name once."""
    complain_of_image(image.name, image.error or "")


def complain_of_all(images: Iterable[SourceImage]) -> int:
    """A line about each image that could not be read, and the exit code that says whether there was one."""
    code = 0
    for image in images:
        complain_of(image)
        code = PARTLY_FAILED
    return code


def complain_of_image(name: str, error: str) -> None:
    """The same where only name and error are left."""
    complain(error if name in error else f"{name}: {error}")


def lines(texts: Iterable[str]) -> None:
    """Lines on stdout."""
    for text in texts:
        print(visible(text))
    sys.stdout.flush()


def now(line: str) -> None:
    """One line on stdout, at once: whoever reads it waits for it."""
    print(visible(line), flush=True)


def place(path: str, row: int | None = None) -> str:
    """A stored path as it is written from where one is, and the row inside of it."""
    with suppress(OSError):  # of a folder that was deleted while one is in it
        path = path.removeprefix(os.path.join(os.getcwd(), ""))  # noqa: PTH118, PTH109 (texts)
    return path + ("" if row is None else f"[{row}]")


def quality(sample: Sample) -> str:
    """The quality of a face, with its worst side where it is poor; empty where none was measured."""
    found = sample.quality
    if found is None:
        return ""
    return f"{found.value:.2f} {found.reason}" if found.is_poor else f"{found.value:.2f}"


def table(rows: Sequence[Sequence[object]], *, header: Sequence[str]) -> None:
    """Columns aligned by width, numbers to the right."""
    cells = [[visible(str(cell)) for cell in row] for row in [header, *rows]]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    numeric = [all(isinstance(row[column], (int, float)) for row in rows) for column in range(len(header))]
    for row in cells:
        padded = (c.rjust(w) if n else c.ljust(w) for c, w, n in zip(row, widths, numeric, strict=True))
        print("  ".join(padded).rstrip())


def probe_line(answer: ProbeVerdict, *, named: bool) -> list[str]:
    """A line per region; with the image's name in front where several were asked about."""
    prefix = f"{answer.image.name}: " if named else ""
    if answer.image.error is not None:
        return []
    if not answer.regions:
        return [f"{prefix}{answer.reason}"]
    many = len(answer.regions) > 1
    return [f"{prefix}{_box(region) if many else ''}{region_line(region)}" for region in answer.regions]


def _box(region: RegionVerdict) -> str:
    return f"face at {region.box.x1},{region.box.y1}: "


def region_line(region: RegionVerdict) -> str:
    """What a person reads: the verdict, how far, how far is too far, how usual that is, and who else it might be."""
    if region.like is not None:
        return f"unknown, like cluster c{region.like.id}: {_photographs(region.like.photographs)}{_nearest(region)}"
    if not region.candidates:
        return f"unknown  {region.reason or 'the gallery has no identities'}"
    first, *others = region.candidates
    match region.verdict.value:
        case "known":
            return f"{first.identity}  known  distance {_within(first)}, {_typicality(first)}{_runner_up(others)}"
        case "ambiguous":
            either = " or ".join(one.identity for one in region.candidates if one.accepted)
            why = f", {region.reason}" if region.reason else _runner_up(others)
            return f"ambiguous  {either}  distance {_within(first)}, {_typicality(first)}{why}"
        case _:
            return f"unknown  nearest {first.identity} at {_within(first)}"


def _photographs(count: int) -> str:
    return f"{count} photograph{'' if count == 1 else 's'}"


def _nearest(region: RegionVerdict) -> str:
    first = region.candidates[0] if region.candidates else None
    return f"; nearest {first.identity} at {_within(first)}" if first else ""


def _within(candidate: Candidate) -> str:
    sign = "<=" if candidate.accepted else ">"
    pooled = "" if candidate.enough else "pooled threshold: insufficient data"
    remark = candidate.remark or pooled
    return f"{candidate.distance:.3f} {sign} {candidate.threshold:.3f}{f' ({remark})' if remark else ''}"


def _typicality(candidate: Candidate) -> str:
    return "no typicality yet" if math.isnan(candidate.p_value) else f"typicality {candidate.p_value:.2f}"


def _runner_up(others: Sequence[Candidate]) -> str:
    return f", runner-up {others[0].identity} at {others[0].distance:.3f}" if others else ""
