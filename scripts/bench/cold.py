"""What a person waits for who types one command: whole processes, against the imports that nothing can avoid.

    python scripts/bench/cold.py --repeats 15 --json cold.json

`identity query` (shipped gallery, home already there) against importing numpy, faiss, onnxruntime and sqlalchemy;
`identity --help` against importing typer. The processes take turns; the figures are medians. `cpu_ratio` is
the same of processor time, which other programs on the machine disturb less.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from reporting import against, arguments, interleaved, report

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ("-m", "identity")


def started(*command: str, home: Path) -> Callable[[], None]:
    """Runs Python in a process of its own and waits for it."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "IDENTITY_HOME": str(home)}

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


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--repeats", type=int, default=15)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        seven = drawn_seven(home / "img.png")
        runs = {
            "imports": started("-c", "import numpy, faiss, onnxruntime, sqlalchemy", home=home),
            "query": started(*PROGRAM, "query", str(seven), home=home),
            "typer": started("-c", "import typer", home=home),
            "help": started(*PROGRAM, "--help", home=home),
        }
        took = interleaved(runs, repeats=asked.repeats)
    rows = [
        against(took, "query", "imports") | {"at_most": 1.5, "aim": 1.2},
        against(took, "help", "typer") | {"at_most": 2.0, "aim": 1.5},
    ]
    report("cold", rows, file=asked.json, repeats=asked.repeats)


if __name__ == "__main__":
    main()
