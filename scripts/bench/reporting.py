"""What every benchmark here does with its figures: one aligned table on stdout, one JSON document on request."""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DATA = Path(os.environ.get("IDENTITY_TEST_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))


def arguments(story: str | None) -> argparse.ArgumentParser:
    """A parser whose help is the program's own docstring, with the options all benchmarks share."""
    parser = argparse.ArgumentParser(description=story, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures to this file as well")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the real data sets")
    return parser


def report(name: str, rows: Sequence[Mapping[str, Any]], *, file: Path | None, **facts: Any) -> None:
    """Print `rows` as a table; write them with `facts` about the run as `identity.bench.NAME/1`."""
    header = list(rows[0])
    cells = [header, *[[_cell(row[column]) for column in header] for row in rows]]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    for row in cells:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    if file is not None:
        machine = {"cpus": os.cpu_count(), "python": platform.python_version()}
        document = {"schema": f"identity.bench.{name}/1", "machine": machine, **facts, "rows": rows}
        file.write_text(json.dumps(document, indent=1, default=str) + "\n", encoding="utf-8")


def _cell(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else "" if value is None else str(value)


@dataclass(frozen=True, slots=True)
class Took:
    """What a run took: by the clock, and of the processors, its child processes included."""

    seconds: float
    cpu_s: float


def interleaved(runs: Mapping[str, Callable[[], Any]], *, repeats: int, warm: bool = True) -> dict[str, Took]:
    """Medians of each run, the runs taking turns: what slows the machine slows all of them. The first turn warms up."""
    return {name: median(taken) for name, taken in in_turns(runs, repeats=repeats, warm=warm).items()}


def in_turns(runs: Mapping[str, Callable[[], Any]], *, repeats: int, warm: bool = True) -> dict[str, list[Took]]:
    """What each run took in each turn; every other turn goes backwards, so that no run profits from its place."""
    taken: dict[str, list[Took]] = {name: [] for name in runs}
    for turn in range(repeats + warm):
        for name in list(runs)[:: -1 if turn % 2 else 1]:
            took = timed(runs[name])
            if turn >= warm:
                taken[name].append(took)
    return taken


def timed(run: Callable[[], Any]) -> Took:
    """One run."""
    start, cpu = time.perf_counter(), sum(os.times()[:4])
    run()
    return Took(time.perf_counter() - start, sum(os.times()[:4]) - cpu)


def median(taken: Sequence[Took]) -> Took:
    """By the clock and of processor time, each by itself."""
    return Took(statistics.median(one.seconds for one in taken), statistics.median(one.cpu_s for one in taken))


def against(took: Mapping[str, Took], name: str, other: str) -> dict[str, Any]:
    """The columns that compare two runs."""
    ours, theirs = took[name], took[other]
    cpu_ratio = ours.cpu_s / theirs.cpu_s if theirs.cpu_s else None
    return {
        "run": name, "s": ours.seconds, "against": other, "against_s": theirs.seconds,
        "ratio": ours.seconds / theirs.seconds, "cpu_ratio": cpu_ratio,
    }  # fmt: skip
