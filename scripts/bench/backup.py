"""How long a backup takes while nobody writes, and while another program commits every 200 and every 20 ms.

    python scripts/bench/backup.py --samples 100000 --json backup.json

A home with random vectors (512 numbers) and crops is filled once; the runs take turns. Each backup is examined: whole,
and of one moment, which two tables tell that the writer keeps in step. `ratio` is against the same backup at rest;
`api` is SQLite's backup API, which begins again with every commit, given up after ten times the time at rest.
"""

from __future__ import annotations

import sqlite3
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
from reporting import arguments, report

from identity.core.types import Box, NewSample, Role, SourceImage
from identity.store.galleries import SqlGalleries
from identity.store.samples import SampleStore
from identity.store.sqlite.database import Database

DIM, CROP_BYTES, PORTION = 512, 600, 5_000
PAUSES_S = (None, 0.2, 0.02)
GIVEN_UP = 10
Taken = dict[tuple[str, float | None], list[tuple[float, int]]]


def fill(database: Database, *, samples: int) -> None:
    """Random unit vectors with random crops, in one gallery."""
    store = SampleStore(database, SqlGalleries(database).create("g", model="m", detector="d", space="s", dim=DIM))
    rng = np.random.default_rng(0)
    for first in range(0, samples, PORTION):
        vectors = rng.normal(size=(min(PORTION, samples - first), DIM)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        store.add([_sample(first + row, vector, rng) for row, vector in enumerate(vectors)])


def _sample(number: int, vector: np.ndarray, rng: np.random.Generator) -> NewSample:
    image = SourceImage("s", f"{number}.png", content=rng.bytes(32), width=8, height=8)
    return NewSample(image, Box(0, 0, 8, 8), vector, f"p{number % 1000}", Role.GALLERY, crop=rng.bytes(CROP_BYTES))


@contextmanager
def writing(path: Path, *, pause_s: float | None) -> Iterator[list[int]]:
    """Another connection that commits, keeping two tables in step; the list grows with every commit."""
    stop, commits = threading.Event(), []

    def write() -> None:
        with closing(sqlite3.connect(path, timeout=60, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous = FULL")
            while not stop.wait(pause_s):
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("INSERT INTO shipped VALUES (?, '')", (f"{time.time_ns()}",))
                connection.execute("UPDATE gallery SET changes = (SELECT count(*) FROM shipped)")
                connection.execute("COMMIT")
                commits.append(1)

    writer = threading.Thread(target=write)
    if pause_s is not None:
        writer.start()
    try:
        yield commits
    finally:
        stop.set()
        if writer.ident is not None:
            writer.join()


def through_api(path: Path, target: Path, *, limit_s: float) -> None:
    """SQLite's backup API, as before."""
    deadline = time.perf_counter() + limit_s

    def watch(*_progress: int) -> None:
        if time.perf_counter() > deadline:
            raise TimeoutError

    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(target)) as copied:
        try:
            source.backup(copied, pages=4096, progress=watch)
        except TimeoutError:
            return


def require_one_moment(path: Path) -> None:
    """Raise unless the copy is whole and the two tables are in step."""
    with closing(sqlite3.connect(path)) as connection:
        (pairs,) = connection.execute("SELECT count(*) FROM shipped").fetchone()
        (changes,) = connection.execute("SELECT changes FROM gallery").fetchone()
        sound = connection.execute("PRAGMA quick_check").fetchone() == ("ok",)
    if not sound or (pairs and pairs != changes):
        raise RuntimeError(f"{path} is not of one moment: {pairs} rows, counter {changes}")


def timed(run: Callable[[], None], path: Path, *, pause_s: float | None) -> tuple[float, int]:
    """Seconds of one run, and how many commits there were meanwhile."""
    with writing(path, pause_s=pause_s) as commits:
        before, start = len(commits), time.perf_counter()
        run()
        return time.perf_counter() - start, len(commits) - before


def in_turns(database: Database, folder: Path, *, repeats: int) -> Taken:
    """Seconds and commits of every run; the first turn warms up."""
    taken: Taken = {(way, pause): [] for way in ("identity", "api") for pause in PAUSES_S}
    target, other = folder / "b.bak", folder / "api.bak"
    for turn, (way, pause) in product(range(repeats + 1), taken):
        limit_s = GIVEN_UP * statistics.median(s for s, _ in taken["api", None] or [(10, 0)])
        run = partial(database.backup, target)
        if way == "api":
            run = partial(through_api, database.path, other, limit_s=limit_s)
        took = timed(run, database.path, pause_s=pause)
        taken[way, pause] += [took] if turn else []
        require_one_moment(target)
        other.unlink(missing_ok=True)
    return taken


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--samples", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        database = Database.open(f"sqlite:///{name}/home/identity.db")
        fill(database, samples=options.samples)
        taken = in_turns(database, Path(name), repeats=options.repeats)
        size_mb = database.path.stat().st_size / 1e6
        database.close()
    rows = []
    for (way, pause), found in taken.items():
        s, rest = (statistics.median(seconds for seconds, _ in taken[way, one]) for one in (pause, None))
        commits = statistics.median(count for _, count in found)
        rows.append({"way": way, "commit every, s": pause, "s": s, "ratio": s / rest, "commits meanwhile": commits})
    report("backup", rows, file=options.json, samples=options.samples, size_mb=size_mb, repeats=options.repeats)


if __name__ == "__main__":
    main()
