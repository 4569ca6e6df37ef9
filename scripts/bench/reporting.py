"""What every benchmark here does with its figures: one aligned table on stdout, one JSON document on request."""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
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


def interleaved(runs: Mapping[str, Callable[[], Any]], *, repeats: int) -> dict[str, float]:
    """Median seconds of each run, the runs taking turns: what slows the machine slows all of them. One turn warms up."""
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for turn in range(repeats + 1):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            if turn:
                taken[name].append(time.perf_counter() - start)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}
