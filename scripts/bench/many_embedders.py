"""What workers elsewhere bring to enrolment: photographs of people enrolled by this process alone, and by Dask workers.

    python scripts/bench/many_embedders.py --photographs shared/data/faces/lfw/deepfunneled_10plus --workers 2
    python scripts/bench/many_embedders.py --photographs FOLDER --images 500 --detector YUNET.onnx --model NETWORK.onnx

Each way enrolls the same photographs into a new home, in a process of its own, start and end included: by this process;
by `--on dask://HOST:PORT` with so many `dask worker` processes that wait already; the same with one of them killed
(kill -9) when a third of the photographs are written, and not brought back; and by `--on dask://local?workers=N`, whose
processes start with the command. Counts of samples must be the same every time, with no photograph twice.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import distributed
from reporting import arguments, report
from scheduler_file import START_S, address_in

import identity

ROOT = Path(__file__).parents[2]
GALLERY = "people"
MOST_S = 600  # of one enrolment


def written(home: Path) -> tuple[int, int]:
    """Samples of the gallery, and photographs that have any."""
    query = (
        "SELECT count(*), count(DISTINCT image_id) FROM sample "
        "JOIN gallery ON gallery.id = sample.gallery_id WHERE gallery.name = ?"
    )
    with sqlite3.connect(home / "identity.db") as database:
        samples, photographs = database.execute(query, (GALLERY,)).fetchone()
    return int(samples), int(photographs)


def new_home(folder: Path, detector: Path, model: Path) -> Path:
    """A home with an empty gallery of people."""
    models = identity.open_models(home=folder)
    models.add(detector)
    name = models.add(model).manifest.name
    with identity.open_home(home=folder) as home:
        home.create_gallery(GALLERY, model=name)
    return folder


def program(*words: str, home: Path) -> subprocess.Popen[bytes]:
    """A Python program that runs beside this one."""
    environ = os.environ | {"IDENTITY_HOME": str(home), "PYTHONPATH": str(ROOT)}
    with (home.parent / "said").open("ab") as said:
        return subprocess.Popen([sys.executable, "-m", *words], env=environ, stdout=said, stderr=said, cwd=home.parent)


def enrolled(home: Path, photographs: Path, *on: str, kill: subprocess.Popen[bytes] | None, at: int) -> float:
    """Seconds of `identity enroll`; `kill` is killed when `at` samples are written."""
    start = time.perf_counter()
    running = program("identity", "enroll", str(photographs), "-g", GALLERY, "--labels", "folders", *on, home=home)
    while running.poll() is None:
        time.sleep(0.05)
        if kill is not None and written(home)[0] >= at:
            kill.kill()
            kill = None
        if time.perf_counter() - start > MOST_S:
            running.kill()
            sys.exit(f"identity enroll still runs after {MOST_S} s: see {home.parent / 'said'}")
    if running.returncode:
        sys.exit(f"identity enroll ended with {running.returncode}")
    return time.perf_counter() - start


def start_worker(address: str, home: Path) -> subprocess.Popen[bytes]:
    """One `dask worker` of one thread, with a home of its own."""
    home.mkdir(exist_ok=True)
    words = (address, "--nthreads", "1", "--no-nanny", "--no-dashboard", "--memory-limit", "0")
    return program("distributed.cli.dask_worker", *words, home=home)


def scheduler(stack: ExitStack, folder: Path, *, workers: int) -> tuple[str, list[subprocess.Popen[bytes]]]:
    """A scheduler's address and its workers, who are there already and have homes of their own."""
    home = folder / "scheduler"
    home.mkdir()
    file = home / "scheduler.json"
    words = ("--port", "0", "--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(file))
    started = [program("distributed.cli.dask_scheduler", *words, home=home)]
    address = address_in(file)
    started += [start_worker(address, folder / f"worker-{number}") for number in range(workers)]
    for one in started:
        stack.callback(one.wait, START_S)
        stack.callback(one.kill)
    with distributed.Client(address, set_as_default=False) as client:
        client.wait_for_workers(workers, timeout=START_S)
    return address, started[1:]


def measure(given: argparse.Namespace, photographs: Path, folder: Path) -> list[dict[str, object]]:
    """Every way in turn, a row each."""
    count = sum(1 for _ in photographs.rglob("*.jpg"))
    local = ("--on", f"dask://local?workers={given.workers}")
    rows: list[dict[str, object]] = []
    for way in ("here", "workers", "one killed", "started here"):
        home = new_home(folder / way.replace(" ", "-"), given.detector, given.model)
        with ExitStack() as stack:
            on, kill = (local if way == "started here" else ()), None
            if way in {"workers", "one killed"}:
                address, workers = scheduler(stack, home, workers=given.workers)
                on, kill = ("--on", address.replace("tcp://", "dask://")), workers[0] if way == "one killed" else None
            seconds = enrolled(home, photographs, *on, kill=kill, at=count // 3)
        samples, seen = written(home)
        rows.append({
            "way": way, "seconds": seconds, "photographs a second": count / seconds, "samples": samples,
            "photographs": seen,
        })  # fmt: skip
        print(f"{way}: {seconds:.1f} s", file=sys.stderr, flush=True)
    assert len({(row["samples"], row["photographs"]) for row in rows}) == 1, rows
    return rows


def first(photographs: Path, folder: Path, *, images: int) -> Path:
    """The first photographs, with their folders."""
    for file in sorted(photographs.rglob("*.jpg"))[:images]:
        (folder / file.parent.name).mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, folder / file.parent.name / file.name)
    return folder


def options(story: str | None, *, images: int) -> argparse.ArgumentParser:
    """What this program and `killed_embedders.py` are told."""
    parser = arguments(story)
    parser.add_argument("--photographs", type=Path, help="default: those of LFW")
    parser.add_argument("--images", type=int, default=images)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--detector", type=Path)
    parser.add_argument("--model", type=Path)
    return parser


def asked(parser: argparse.ArgumentParser, given: Sequence[str] | None) -> argparse.Namespace:
    """What was said, with the photographs and networks of `--data` where nothing else was."""
    found = parser.parse_args(given)
    weights = found.data / "weights"
    found.photographs = found.photographs or found.data / "faces" / "lfw" / "deepfunneled_10plus"
    found.detector = found.detector or weights / "yunet" / "yunet_n_dynamic.onnx"
    found.model = found.model or weights / "face-reid-0095" / "face-reidentification-retail-0095.onnx"
    return found


def main(given: Sequence[str] | None = None) -> None:
    wanted = asked(options(__doc__, images=1850), given)
    with tempfile.TemporaryDirectory() as folder:
        some = first(wanted.photographs.resolve(), Path(folder) / "photographs", images=wanted.images)
        rows = measure(wanted, some, Path(folder))
    report("many_embedders", rows, file=wanted.json, images=wanted.images, workers=wanted.workers)


if __name__ == "__main__":
    main()
