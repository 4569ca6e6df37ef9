"""What a person waits for in a gallery of 100,000 faces, against the same in one of 1,000; and memory among a million.

    python scripts/bench/large_galleries.py --json large_galleries.json
    python scripts/bench/large_galleries.py --million

Both galleries hold face-like vectors (`face_like`), 20 photographs to a person, written through the store; detector and
network are YuNet and face-reid-0095. Rows "query" and "enroll" are whole processes of `identity` with one photograph of
LFW each turn, new to both galleries. `--million` instead measures what memory a cold query needs among 1,000,000
vectors of 128 numbers, mapped files apart, against the imports that nothing can avoid.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from cold import PROGRAM, ROOT, drawn_seven
from face_like import spread_of_faces
from faces_throughput import DETECTOR, MODEL, WEIGHTS
from reporting import arguments, interleaved, report, timed

from identity import bootstrap
from identity.core.types import Box, NewSample, Role, SourceImage
from identity.gallery import Gallery
from identity.home import Home

LARGE, SMALL, EACH = 100_000, 1_000, 20
MILLION, HELD_OUT = 1_000_000, 5_000
AT_ONCE = 5_000
BARE = "import numpy, faiss, onnxruntime, sqlalchemy"
NO_TIMES = {"s": None, "against": None, "against_s": None, "ratio": None, "cpu_ratio": None}


def fill(gallery: Gallery, vectors: np.ndarray, who: np.ndarray, role: Role = Role.GALLERY) -> None:
    """Each vector (n, dim) becomes a sample of the person who (n,) says, seen in an image of its own."""
    box, told = Box(0, 0, 100, 100), role.value
    for low in range(0, len(vectors), AT_ONCE):
        rows = range(low, min(low + AT_ONCE, len(vectors)))
        seen = [SourceImage(told, f"{told}/{row}.jpg", content=b"%s%025d" % (told[:7].encode(), row)) for row in rows]
        pairs = zip(seen, rows, strict=True)
        gallery.store.add([NewSample(one, box, vectors[row], f"person {who[row]}", role) for one, row in pairs])
    gallery.refresh_index()


def add_networks(home: Home, data: Path) -> None:
    for name in WEIGHTS:
        home.models.add(data / "weights" / name)


def face_gallery(home: Home, data: Path, *, size: int) -> Gallery:
    """A gallery of so many faces."""
    gallery = home.open_gallery(home.create_gallery(f"faces {size}", model=MODEL, detector=DETECTOR).name)
    who, spread = np.arange(size) % (size // EACH), spread_of_faces(data, gallery.store.gallery.dim)
    fill(gallery, spread.photographs(spread.people(size // EACH, seed=1), who, seed=2), who)
    return gallery


def process(home: Path, *command: str) -> Callable[[], None]:
    """Runs Python in a process of its own and waits for it; a verdict "unknown" is an answer too."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "IDENTITY_HOME": str(home)}

    def run() -> None:
        done = subprocess.run([sys.executable, *command], stdout=subprocess.DEVNULL, env=environment, check=False)
        assert done.returncode in {0, 1}, f"{command} failed: {done.returncode}"

    return run


def in_both(home: Path, verb: str, photographs: Sequence[Path], *, repeats: int) -> dict[str, Any]:
    """One verb with one photograph, a new one each turn."""
    turns = {size: count() for size in (LARGE, SMALL)}

    def of(size: int) -> Callable[[], None]:
        return lambda: process(home, *PROGRAM, verb, "-g", f"faces {size}", str(photographs[next(turns[size])]))()

    took = interleaved({f"{size} faces": of(size) for size in (LARGE, SMALL)}, repeats=repeats)
    return compared(verb, took[f"{LARGE} faces"], f"{SMALL} faces", took[f"{SMALL} faces"])


def compared(what: str, took: Any, against: str, other: Any) -> dict[str, Any]:
    return {
        "what": what, "s": took.seconds, "against": against, "against_s": other.seconds,
        "ratio": took.seconds / other.seconds, "cpu_ratio": took.cpu_s / other.cpu_s, "anonymous_mb": None,
    }  # fmt: skip


def anonymous_peak(home: Path, *command: str) -> float:
    """The most memory that is no mapped file, in MB, of a process, looked at every millisecond (Linux)."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "IDENTITY_HOME": str(home)}
    child = subprocess.Popen([sys.executable, *command], stdout=subprocess.DEVNULL, env=environment)
    most = 0
    while child.poll() is None:
        lines = Path(f"/proc/{child.pid}/status").read_text(encoding="ascii", errors="replace").splitlines()
        most = max([most, *(int(line.split()[1]) for line in lines if line.startswith("RssAnon"))])
        time.sleep(0.001)
    assert child.returncode in {0, 1}, f"{command} failed: {child.returncode}"
    return most / 1024


def million(home: Home, folder: Path, data: Path) -> Iterator[dict[str, Any]]:
    """A cold query among a million vectors of the digits' network, 50,000 names."""
    gallery = home.open_gallery(home.create_gallery("million").name)
    who, spread = np.arange(MILLION) % (MILLION // EACH), spread_of_faces(data, gallery.store.gallery.dim)
    people = spread.people(MILLION // EACH, seed=1)
    fill(gallery, spread.photographs(people, who, seed=2), who)
    fill(gallery, spread.photographs(people, who[:HELD_OUT], seed=3), who[:HELD_OUT], Role.CALIBRATION)
    gallery.calibrate()
    seven = drawn_seven(folder / "img.png")
    runs = {"imports": ("-c", BARE), "cold query, 1,000,000 x 128": (*PROGRAM, "query", "-g", "million", str(seven))}
    for what, command in runs.items():
        anonymous_peak(home.settings.home, *command)
        took = timed(process(home.settings.home, *command))
        peak = anonymous_peak(home.settings.home, *command)
        yield {"what": what, **NO_TIMES, "s": took.seconds, "anonymous_mb": peak}


def measured(options: Any, folder: Path) -> Iterator[dict[str, Any]]:
    """The rows of the table, each as soon as it is measured."""
    found = sorted((options.data / "faces/lfw/deepfunneled_10plus").rglob("*.jpg"))
    with bootstrap.open_home(home=folder / "home") as home:
        if options.million:
            yield from million(home, folder, options.data)
            return
        add_networks(home, options.data)
        for size in (LARGE, SMALL):
            face_gallery(home, options.data, size=size)
        for verb in ("query", "enroll"):
            yield in_both(folder / "home", verb, found, repeats=options.photographs)


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--photographs", type=int, default=9, help="turns of the cold commands")
    parser.add_argument("--million", action="store_true", help="the memory of a query among a million vectors")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        rows = []
        for figures in measured(options, Path(name)):
            print(figures, file=sys.stderr, flush=True)
            rows.append(figures)
    report("large-galleries", rows, file=options.json, photographs=options.photographs)


if __name__ == "__main__":
    main()
