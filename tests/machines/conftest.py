"""A real Dask scheduler with real worker processes, and homes with a network that workers do not have."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import distributed
import numpy as np
import pytest
from PIL import Image

import identity
from identity.bootstrap import SHIPPED

IMAGES, OWN = 160, "own"
ROOT = Path(__file__).parents[2]


@dataclass
class Cluster:
    """A scheduler, and the workers that a test started beside the usual ones."""

    folder: Path
    stack: ExitStack
    started: list[subprocess.Popen] = field(default_factory=list)

    @property
    def address(self) -> str:
        return json.loads((self.folder / "scheduler.json").read_text())["address"].replace("tcp://", "dask://")

    def log(self, word: str) -> list[str]:
        """What the workers wrote down since the last call."""
        log = self.folder / "log"
        lines = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return [line.removeprefix(f"{word} ") for line in lines if line.startswith(f"{word} ")]

    def run(self, *program: str, home: Path, **more: str) -> subprocess.Popen:
        here = {"IDENTITY_HOME": str(home), "PYTHONPATH": str(ROOT), "IDENTITY_TEST_LOG": str(self.folder / "log")}
        environ = os.environ | here | more
        out = self.stack.enter_context((self.folder / f"out-{len(self.started)}").open("wb"))
        command = [sys.executable, "-m", *program]
        process = subprocess.Popen(command, env=environ, cwd=self.folder, stdout=out, stderr=out)
        self.stack.callback(process.wait)
        self.stack.callback(process.kill)
        self.started.append(process)
        return process

    def worker(self, *, home: Path, **more: str) -> subprocess.Popen:
        """One more worker, as soon as the scheduler knows it; it goes with the test, or at the end."""
        before = self.count()
        process = self.start(home=home, **more)
        self.until(lambda: self.count() > before)
        return process

    def start(self, *, home: Path, **more: str) -> subprocess.Popen:
        """One more worker, which the scheduler will know soon."""
        preload = str(Path(__file__).with_name("watched_worker.py"))
        options = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--memory-limit", "0", "--preload", preload)
        place = self.address.replace("dask://", "tcp://")
        return self.run("distributed.cli.dask_worker", place, *options, home=home, **more)

    def count(self) -> int:
        with distributed.Client(self.address.replace("dask://", "tcp://"), set_as_default=False) as client:
            return len(client.nthreads())

    def until(self, true: Callable[[], bool], *, within_s: float = 30) -> None:
        end = time.monotonic() + within_s
        while not true():
            assert time.monotonic() < end, [one.poll() for one in self.started]
            time.sleep(0.05)


@pytest.fixture(scope="session")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A scheduler without workers."""
    with ExitStack() as stack:
        cluster = Cluster(tmp_path_factory.mktemp("cluster"), stack)
        options = ("--port", "0", "--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", "scheduler.json")
        fewer = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"}  # Dask's own is 3; each costs a second
        cluster.run("distributed.cli.dask_scheduler", *options, home=cluster.folder / "nowhere", **fewer)
        cluster.until(lambda: (cluster.folder / "scheduler.json").exists() and bool(cluster.address))
        yield cluster


@pytest.fixture
def cluster(scheduler: Cluster) -> Iterator[Cluster]:
    """The scheduler with two workers, each with an empty home; whoever is dead is replaced."""
    for at in range(scheduler.count(), 2):
        scheduler.worker(home=scheduler.folder / f"home-{len(scheduler.started)}-{at}")
    scheduler.log("")
    return scheduler


@pytest.fixture(scope="session")
def first_world(tmp_path_factory: pytest.TempPathFactory, first_home: Path) -> Path:
    """A home with an empty gallery `strokes` by a network of its own. Nobody works in it: `home` copies it."""
    home = tmp_path_factory.mktemp("world") / "home"
    shutil.copytree(first_home, home)
    models = identity.open_models(home=home)
    models.add(SHIPPED / "models" / "digits", name=OWN)
    with identity.open_home(home=home) as opened:
        opened.create_gallery("strokes", model=OWN)
    return home


@pytest.fixture
def home(first_world: Path, tmp_path: Path) -> Callable[[str], Path]:
    """`home("a")` is a home of its own."""
    return lambda name: Path(shutil.copytree(first_world, tmp_path / name))


@pytest.fixture(scope="session")
def strokes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small images of two strokes each, in a folder for each of four names, and one file that is none."""
    folder = tmp_path_factory.mktemp("strokes")
    rng = np.random.default_rng(7)
    for number in range(IMAGES):
        pixels = np.zeros((28, 28), np.uint8)
        for _ in range(2):
            x, y = rng.integers(4, 16, 2)
            pixels[y : y + rng.integers(2, 9), x : x + rng.integers(2, 9)] = 255
        where = folder / f"{number % 4}"
        where.mkdir(exist_ok=True)
        Image.fromarray(pixels).save(where / f"{number:04}.png")
    (folder / "2" / "broken.png").write_bytes(b"no image")
    return folder
