"""What a question over HTTP costs beside the same question in process, and how long a server takes to answer.

    python scripts/bench/serving.py --repeats 40 --json serving.json

The shipped digits are asked about 1 and 64 generated images, on a warm server and by `Gallery` in this process, in
turns. Then one image again and again while a job enrols others, into another gallery and into the one that is asked,
against the same without a job, before and after it: median and 95th percentile.
Then whole processes: `identity serve` until it answers, against importing what it cannot do without: medians.
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
from reporting import against, arguments, interleaved, report, timed

import identity
from identity.documents.query import query_fields
from identity.documents.writing import json_text

TOKEN = "a-token-for-this-benchmark"
FLOOR = "import fastapi, uvicorn, sqlalchemy, numpy"
PROGRAM = ("-m", "identity")
ENROLLED = 3000  # images of the job
BESIDE = "jobs"  # the gallery that they go into


@contextmanager
def served(home: Path, *options: str) -> Iterator[httpx.Client]:
    """A server in a process of its own, and somebody who may ask it."""
    command = [sys.executable, *PROGRAM, "--home", str(home), "serve", "--port", "0", "--token", TOKEN, *options]
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
        picture[:1] = random.integers(180, 256, 96)  # no two are alike
        picture[top : top + 8, 24:72] = 0
        written.append(folder / f"{number:02}.png")
        Image.fromarray(picture).save(written[-1])
    return written


def asking(client: httpx.Client, gallery: identity.Gallery | None, paths: list[Path]) -> dict[str, Callable[[], Any]]:
    """The same question both ways; both end with the text of the document."""
    files = [("images", (path.name, path.read_bytes(), "image/png")) for path in paths]

    def over_http() -> str:
        return client.post("/galleries/digits/query", files=files, timeout=120).raise_for_status().text

    def in_process() -> str:
        assert gallery is not None
        answers = list(gallery.query(paths))
        return json_text("query", query_fields(gallery.store.gallery, gallery.calibration(), answers))

    return {f"http {len(paths)}": over_http, f"process {len(paths)}": in_process}


def beside_a_job(client: httpx.Client, folder: Path, path: Path, *, gallery: str, asked: int) -> list[dict[str, Any]]:
    """Median and 95th percentile of a question's time while an enrolment runs in `gallery`, and without."""
    question = asking(client, None, [path])["http 1"]
    quiet = [timed(question).seconds for _ in range(asked)]
    body = {"paths": [str(folder)], "labels": "none"}
    job = client.post(f"/galleries/{gallery}/enroll-paths", json=body, timeout=120).raise_for_status().json()["id"]
    busy: list[float] = []
    while client.get(f"/jobs/{job}").json()["state"] in ("waiting", "running"):
        busy.append(timed(question).seconds)
    quiet += [timed(question).seconds for _ in range(asked)]
    said = "another" if gallery == BESIDE else "the same"
    return [_compared(f"beside a job in {said} gallery", busy, quiet, percent) for percent in (50, 95)]


def _compared(what: str, busy: list[float], quiet: list[float], percent: int) -> dict[str, Any]:
    own, other = float(np.percentile(busy, percent)), float(np.percentile(quiet, percent))
    return {
        "run": f"http 1 {what}, p{percent} of {len(busy)}", "s": own, "against": f"p{percent} of {len(quiet)} without",
        "against_s": other, "ratio": own / other, "cpu_ratio": None,
    }  # fmt: skip


def started(home: Path) -> dict[str, Callable[[], Any]]:
    """A server until its first answer, and the imports that it cannot do without."""

    def answered() -> None:
        with served(home) as client:
            client.get("/health").raise_for_status()

    def floor() -> None:
        subprocess.run([sys.executable, "-c", FLOOR], check=True, env=os.environ)

    return {"serve until it answers": answered, "imports": floor}


def disturbed(home: Path, folder: Path, *, asked: int) -> list[dict[str, Any]]:
    """A server with a job to do, in another gallery and in the one that is asked, and the question meanwhile."""
    with identity.open_home(home=home) as opened:
        if BESIDE in [record.name for record, _ in opened.galleries()]:
            opened.delete_gallery(BESIDE)
        opened.create_gallery(BESIDE)
    (folder / "many").mkdir()
    drawn(folder / "many", ENROLLED)
    many, first = folder / "many", folder / "00.png"
    with served(home, "--folder", str(many)) as client:
        return [
            row for gallery in (BESIDE, "digits")
            for row in beside_a_job(client, many, first, gallery=gallery, asked=asked)
        ]  # fmt: skip


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
                row = against(took, f"http {count}", f"process {count}")
                rows.append({**row, "cpu_ratio": None})  # the server's processor time is not this process's
        rows += disturbed(home, Path(folder), asked=options.repeats)
        took = interleaved(started(home), repeats=max(3, options.repeats // 8))
        rows.append(against(took, "serve until it answers", "imports"))
    report("serving", rows, file=options.json)


if __name__ == "__main__":
    main()
