"""Workers killed at random instants while they embed photographs of people: is any face lost, is any there twice?

    python scripts/bench/killed_embedders.py --kills 100
    python scripts/bench/killed_embedders.py --kills 1000 --minutes 10 --images 300 --workers 3 --json FILE

Rounds: each enrolls the same photographs into a new home by `identity enroll --on dask://HOST:PORT`. The `dask worker`
processes are killed (kill -9) at instants drawn at random, and started anew; `in_the_middle` are the kills at which
some faces were written and others not. The home's faces are compared with those of an enrolment by this process alone:
photograph, place in it, name. Where the command reported photographs as failed, it is run once more, as a person would,
before the comparison; how often that was is printed. Ends with 1 where a face is lost or twice.
"""

from __future__ import annotations

import argparse
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from many_embedders import GALLERY, asked, first, new_home, options, program, scheduler, start_worker, written
from reporting import report

FACES = """
    SELECT image.path, sample.x1, sample.y1, sample.x2, sample.y2, identity.name
    FROM sample JOIN image ON image.id = sample.image_id LEFT JOIN identity ON identity.id = sample.identity_id
"""
PART_FAILED = 6  # the exit code
MOST_S = 300  # of one command


@dataclass
class Killing:
    """Workers of one scheduler, of whom one is killed now and then."""

    address: str
    folder: Path
    workers: list[subprocess.Popen[bytes]]
    rng: np.random.Generator
    pause_s: float
    kills: int = 0
    in_the_middle: int = 0

    def kill(self) -> None:
        """One worker, and start another in its place."""
        number = int(self.rng.integers(len(self.workers)))
        self.workers[number].kill()
        self.workers[number].wait()
        self.workers[number] = start_worker(self.address, self.folder / f"worker-{number}")
        self.kills += 1

    def enroll(self, home: Path, photographs: Path, *, most: int, faces: int) -> int:
        """The exit code of `identity enroll`, which is to give so many `faces`; at most so many workers are killed."""
        on = ("--on", self.address.replace("tcp://", "dask://"))
        start = time.monotonic()
        running = program("identity", "enroll", str(photographs), "-g", GALLERY, "--labels", "folders", *on, home=home)
        until = self.kills + most
        while running.poll() is None:
            time.sleep(float(self.rng.exponential(self.pause_s)))
            if running.poll() is None and self.kills < until:
                self.in_the_middle += 0 < written(home)[0] < faces
                self.kill()
            if time.monotonic() - start > MOST_S:
                running.kill()
                sys.exit(f"identity enroll still runs after {MOST_S} s: see {home.parent / 'said'}")
        return int(running.returncode)


def faces(home: Path) -> Counter[tuple[object, ...]]:
    """Each face that the home has, and how often."""
    with sqlite3.connect(home / "identity.db") as database:
        return Counter(
            tuple(row) for row in database.execute(f"{FACES} WHERE sample.gallery_id = {gallery_id(database)}")
        )


def gallery_id(database: sqlite3.Connection) -> int:
    """The number of the gallery of people."""
    return int(database.execute("SELECT id FROM gallery WHERE name = ?", (GALLERY,)).fetchone()[0])


def measure(given: argparse.Namespace, photographs: Path, folder: Path) -> dict[str, float]:
    """Rounds until so many kills are done, or the minutes are over. Ends the program where a face is lost or twice."""
    alone = new_home(folder / "alone" / "home", given.detector, given.model)
    here = program("identity", "enroll", str(photographs), "-g", GALLERY, "--labels", "folders", home=alone)
    assert here.wait(MOST_S) == 0
    wanted, end = faces(alone), time.monotonic() + 60 * given.minutes
    rounds = again = lost = twice = 0
    with ExitStack() as stack:
        (folder / "cluster").mkdir()
        address, workers = scheduler(stack, folder / "cluster", workers=given.workers)
        rng = np.random.default_rng(given.seed)
        killing = Killing(address, folder / "cluster", workers, rng, given.pause)
        stack.callback(lambda: [one.kill() for one in killing.workers])
        while killing.kills < given.kills and time.monotonic() < end:
            home = new_home(folder / f"round-{rounds}" / "home", given.detector, given.model)
            code = killing.enroll(home, photographs, most=given.kills - killing.kills, faces=wanted.total())
            if code == PART_FAILED:
                again += 1
                code = killing.enroll(home, photographs, most=0, faces=wanted.total())
            if code:
                sys.exit(f"identity enroll ended with {code}: {(home.parent / 'said').read_text()[-500:]}")
            found = faces(home)
            lost, twice, rounds = lost + (wanted - found).total(), twice + (found - wanted).total(), rounds + 1
            print(f"round {rounds:3}: {killing.kills} kills, {lost} lost, {twice} twice, {again} run again", flush=True)
    return {
        "kills": killing.kills, "in_the_middle": killing.in_the_middle, "rounds": rounds, "faces": wanted.total(),
        "lost": lost, "twice": twice, "run_again": again,
    }  # fmt: skip


def main(given: Sequence[str] | None = None) -> None:
    parser = options(__doc__, images=300)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--pause", type=float, default=1.0, help="seconds between two kills, on average")
    parser.add_argument("--seed", type=int, default=0)
    wanted = asked(parser, given)
    with tempfile.TemporaryDirectory() as folder:
        some = first(wanted.photographs.resolve(), Path(folder) / "photographs", images=wanted.images)
        found = measure(wanted, some, Path(folder))
    report("killed_embedders", [found], file=wanted.json, workers=wanted.workers, seed=wanted.seed)
    if found["lost"] or found["twice"]:
        sys.exit(1)


if __name__ == "__main__":
    main()
