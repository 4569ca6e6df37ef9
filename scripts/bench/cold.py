"""What a person waits for who types one command: whole processes, against the imports that nothing can avoid.

    python scripts/bench/cold.py --repeats 15 --json cold.json
    python scripts/bench/cold.py --repeats 40 --against d59714d

`identity query` (shipped gallery, home already there) against importing numpy, faiss, onnxruntime and sqlalchemy;
`identity --help` against importing typer. The processes take turns; the figures are medians. `cpu_ratio` is
the same of processor time, which other programs on the machine disturb less. With `--against`, the same two commands
of another revision of this repository stand beside them, each with its own home. Intervals are 95 %, by bootstrap.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from reporting import Took, against, arguments, in_turns, median, report

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ("-m", "identity")


def started(*command: str, home: Path, root: Path = ROOT) -> Callable[[], None]:
    """Runs Python in a process of its own, with the checkout at `root`, and waits for it."""
    kept = {"PYTHONDONTWRITEBYTECODE": ""}  # compiled modules, by the turn that warms up
    environment = {**os.environ, **kept, "PYTHONPATH": str(root), "IDENTITY_HOME": str(home)}

    def run() -> None:
        subprocess.run([sys.executable, *command], check=True, stdout=subprocess.DEVNULL, env=environment, cwd=home)

    return run


def drawn_seven(path: Path) -> Path:
    """A seven of two strokes, dark on light, as somebody might photograph it."""
    pixels = np.full((28, 28), 255, np.uint8)
    pixels[5:8, 7:21] = 20
    for row in range(8, 24):
        at = 19 - (row - 8) // 2
        pixels[row, at : at + 3] = 20
    Image.fromarray(pixels).save(path)
    return path


def commands(home: Path, *, root: Path = ROOT) -> dict[str, Callable[[], None]]:
    """The two commands of a checkout."""
    home.mkdir(exist_ok=True)
    seven = drawn_seven(home / "img.png")
    return {
        "query": started(*PROGRAM, "query", str(seven), home=home, root=root),
        "help": started(*PROGRAM, "--help", home=home, root=root),
    }


def baselines(home: Path) -> dict[str, Callable[[], None]]:
    """The imports that each command cannot do without."""
    return {
        "imports": started("-c", "import numpy, faiss, onnxruntime, sqlalchemy", home=home),
        "typer": started("-c", "import typer", home=home),
    }


def check_out(revision: str, folder: Path) -> Path:
    """A clone of this repository at `revision`."""
    subprocess.run(["git", "clone", "--quiet", "--no-checkout", str(ROOT), str(folder)], check=True)
    subprocess.run(["git", "-C", str(folder), "checkout", "--quiet", revision], check=True)
    return folder


def interval(ours: Sequence[float], theirs: Sequence[float]) -> str:
    """95 % of the ratios of medians, turns drawn with replacement."""
    turns = np.random.default_rng(0).integers(len(ours), size=(10_000, len(ours)))
    ratios = np.median(np.array(ours)[turns], axis=1) / np.median(np.array(theirs)[turns], axis=1)
    return "{:.3f}-{:.3f}".format(*np.quantile(ratios, (0.025, 0.975)))


def compared(taken: Mapping[str, Sequence[Took]], name: str, other: str) -> dict[str, Any]:
    """One row: medians, ratios, and the intervals of the ratios."""
    ours, theirs = taken[name], taken[other]
    return against({one: median(taken[one]) for one in (name, other)}, name, other) | {
        "ratio_95": interval([one.seconds for one in ours], [one.seconds for one in theirs]),
        "cpu_ratio_95": interval([one.cpu_s for one in ours], [one.cpu_s for one in theirs]),
    }


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--against", metavar="REVISION", help="compare with this revision instead of with bare imports")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        runs, pairs = commands(folder / "home"), [("query", "imports"), ("help", "typer")]
        if options.against:
            root = check_out(options.against, folder / "other")
            others = commands(folder / "other home", root=root)
            runs |= {f"{one} at {options.against}": run for one, run in others.items()}
            pairs = [(one, f"{one} at {options.against}") for one in others]
        else:
            runs |= baselines(folder / "home")
        taken = in_turns(runs, repeats=options.repeats)
    report("cold", [compared(taken, *pair) for pair in pairs], file=options.json, repeats=options.repeats)


if __name__ == "__main__":
    main()
