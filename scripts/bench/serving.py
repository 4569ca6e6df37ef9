"""What a question over HTTP costs beside the same question in process, and how long a server takes to answer.

    python scripts/bench/serving.py --repeats 40 --json serving.json

The shipped digits are asked about 1 and 64 generated images, on a warm server and by `Gallery` in this process, in
turns; answers are compared. Then whole processes: `identity serve` until it answers, against importing what it cannot
do without. Figures are medians.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from PIL import Image
from reporting import against, arguments, interleaved, report

import identity
from identity.documents.query import query_fields
from identity.documents.writing import json_text

TOKEN = "a-token-for-this-benchmark"
FLOOR = "import fastapi, uvicorn, sqlalchemy, numpy"
PROGRAM = ("-m", "identity")


@contextmanager
def served(home: Path) -> Iterator[httpx.Client]:
    """A server in a process of its own, and somebody who may ask it."""
    command = [sys.executable, *PROGRAM, "--home", str(home), "serve", "--port", "0", "--token", TOKEN]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().split()[3].split("/?")[0]
            with httpx.Client(base_url=f"{address}/api/v1", headers={"Authorization": f"Bearer {TOKEN}"}) as client:
                yield client
        finally:
            process.terminate()


def drawn(folder: Path, count: int) -> list[Path]:
    """Strokes of ink on paper, each another."""
    random, written = np.random.default_rng(0), []
    for number in range(count):
        picture = np.full((96, 96), 255, np.uint8)
        left, top = random.integers(20, 60, 2)
        picture[20:76, left : left + 8] = 0
        picture[top : top + 8, 24:72] = 0
        written.append(folder / f"{number:02}.png")
        Image.fromarray(picture).save(written[-1])
    return written


def asking(client: httpx.Client, gallery: identity.Gallery, paths: list[Path]) -> dict[str, Callable[[], Any]]:
    """The same question both ways; both end with the text of the document."""
    files = [("images", (path.name, path.read_bytes(), "image/png")) for path in paths]

    def over_http() -> str:
        return client.post("/galleries/digits/query", files=files, timeout=120).raise_for_status().text

    def in_process() -> str:
        answers = list(gallery.query(paths))
        return json_text("query", query_fields(gallery.store.gallery, gallery.calibration(), answers))

    return {f"http {len(paths)}": over_http, f"process {len(paths)}": in_process}


def started(home: Path) -> dict[str, Callable[[], Any]]:
    """A server until its first answer, and the imports that it cannot do without."""

    def answered() -> None:
        with served(home) as client:
            client.get("/health").raise_for_status()

    def floor() -> None:
        subprocess.run([sys.executable, "-c", FLOOR], check=True, env=os.environ)

    return {"serve until it answers": answered, "imports": floor}


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--repeats", type=int, default=40)
    parser.add_argument("--home", type=Path, help="a home that was opened before; else one is made")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = options.home or Path(folder) / "home"
        with identity.open_gallery("digits", home=home) as gallery, served(home) as client:
            rows = []
            for count in (1, 64):
                took = interleaved(asking(client, gallery, drawn(Path(folder), count)), repeats=options.repeats)
                rows.append(against(took, f"http {count}", f"process {count}"))
        took = interleaved(started(home), repeats=max(3, options.repeats // 8))
        rows.append(against(took, "serve until it answers", "imports"))
    report("serving", rows, file=options.json)


if __name__ == "__main__":
    main()
