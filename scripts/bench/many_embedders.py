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
import json
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

import identity

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
GALLERY = "people"


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
    if running.returncode:
        sys.exit(f"identity enroll ended with {running.returncode}")
    return time.perf_counter() - start


def scheduler(stack: ExitStack, folder: Path, *, workers: int) -> tuple[str, list[subprocess.Popen[bytes]]]:
    """A scheduler's address and its workers, who are there already and have homes of their own."""
    home = folder / "scheduler"
    home.mkdir()
    file = home / "scheduler.json"
    words = ("--port", "0", "--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(file))
    started = [program("distributed.cli.dask_scheduler", *words, home=home)]
    while not file.exists():
        time.sleep(0.1)
    address = json.loads(file.read_text())["address"]
    for number in range(workers):
        words = (address, "--nthreads", "1", "--no-nanny", "--no-dashboard", "--memory-limit", "0")
        started.append(program("distributed.cli.dask_worker", *words, home=folder / f"worker-{number}"))
    for one in started:
        stack.callback(one.wait)
        stack.callback(one.kill)
    with distributed.Client(address, set_as_default=False) as client:
        client.wait_for_workers(workers)
    return address.replace("tcp://", "dask://"), started[1:]


def measure(arguments: argparse.Namespace, photographs: Path, folder: Path) -> None:
    """Every way in turn, a line each."""
    count = sum(1 for _ in photographs.rglob("*.jpg"))
    local = ("--on", f"dask://local?workers={arguments.workers}")
    found: set[tuple[int, int]] = set()
    for way in ("here", "workers", "one killed", "started here"):
        home = new_home(folder / way.replace(" ", "-"), arguments.detector, arguments.model)
        with ExitStack() as stack:
            on, kill = (local if way == "started here" else ()), None
            if way in {"workers", "one killed"}:
                address, workers = scheduler(stack, home, workers=arguments.workers)
                on, kill = ("--on", address), workers[0] if way == "one killed" else None
            seconds = enrolled(home, photographs, *on, kill=kill, at=count // 3)
        found.add(written(home))
        samples, seen = written(home)
        speed = f"{seconds:7.1f} s {count / seconds:7.1f} photographs/s"
        print(f"{way:14} {speed}  {samples} samples of {seen}", flush=True)
    assert len(found) == 1, found


def first(photographs: Path, folder: Path, *, images: int) -> Path:
    """The first photographs, with their folders."""
    for file in sorted(photographs.rglob("*.jpg"))[:images]:
        (folder / file.parent.name).mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, folder / file.parent.name / file.name)
    return folder


def main(given: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    weights = DATA / "weights"
    parser.add_argument("--photographs", type=Path, default=DATA / "faces" / "lfw" / "deepfunneled_10plus")
    parser.add_argument("--images", type=int, default=1850)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--detector", type=Path, default=weights / "yunet" / "yunet_n_dynamic.onnx")
    network = weights / "face-reid-0095" / "face-reidentification-retail-0095.onnx"
    parser.add_argument("--model", type=Path, default=network)
    arguments = parser.parse_args(given)
    with tempfile.TemporaryDirectory() as folder:
        some = first(arguments.photographs.resolve(), Path(folder) / "photographs", images=arguments.images)
        measure(arguments, some, Path(folder))


if __name__ == "__main__":
    main()
