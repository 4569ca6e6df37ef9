"""Kills during the first start of a new home, and while an old home is brought to today's schema."""

from __future__ import annotations

import os
import shutil
import signal
import tarfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
from crashing import checking, world
from crashing.forks import answer_of, forked
from crashing.world import State

from identity import bootstrap

ARCHIVE = world.ROOT / "tests" / "homes" / "d59714d.tar.xz"
Vectors = dict[str, dict[str, tuple[str | None, str | None]]]


class Starts:
    """First starts and migrations that are killed."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.rng = folder, np.random.default_rng((seed, 1))
        self.kills: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.whole: dict[bool, State] = {}  # what a start that nobody killed leaves, by whether the home is old
        self.took_s: dict[bool, float] = {}

    def round(self, *, old: bool) -> None:
        if old not in self.whole:
            begun = time.monotonic()
            forked(lambda: opened(self.lay_out(old=old)))
            self.took_s[old] = time.monotonic() - begun
            self.whole[old] = world.observed(self.folder / "start" / "identity.db")
        home = self.lay_out(old=old)
        child = os.fork()
        if not child:
            opened(home)
            time.sleep(60)
        time.sleep(float(self.rng.random() * self.took_s[old]))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        self.kills[f"{'migration' if old else 'first start'}"] += 1
        wrong = answer_of(lambda: after_the_kill(home))
        found = world.observed(home / "identity.db")
        if essence(found) != essence(self.whole[old]):
            wrong.append(f"holds {sorted(found)} and not what an unbroken start leaves")
        once = {name: gallery | {"twice": []} for name, gallery in found.items()}  # folders there share names of files
        self.wrong += [
            f"{'migration' if old else 'first start'}: {line}" for line in wrong + checking.rows_are_whole(once)
        ]

    def lay_out(self, *, old: bool) -> Path:
        home = self.folder / "start"
        shutil.rmtree(home, ignore_errors=True)
        if old:
            shutil.rmtree(self.folder / "old", ignore_errors=True)
            with tarfile.open(ARCHIVE) as packed:
                packed.extraction_filter = getattr(tarfile, "data_filter", None)
                packed.extractall(self.folder / "old")
            (self.folder / "old" / "home").rename(home)
        return home


def ship_a_part(package: Path, samples: int) -> None:
    """Let the program ship only so many samples of its gallery from here on, so that a first start is short."""
    shipped = bootstrap.SHIPPED
    shutil.copytree(shipped / "models", package / "models")
    (package / "galleries").mkdir()
    for path in (shipped / "galleries").glob("*.npz"):
        with np.load(path) as stored:
            arrays = dict(stored)
        step = len(arrays["row"]) // samples
        arrays |= {name: arrays[name][::step] for name in ("row", "identity", "role", "content", "vectors")}
        np.savez(package / "galleries" / path.name, **arrays)
    bootstrap.SHIPPED = package


def opened(home: Path) -> None:
    import identity

    with identity.open_home(home=home) as it:
        it.galleries()


def after_the_kill(home: Path) -> list[str]:
    import identity

    with identity.open_home(home=home) as it:
        return [f"doctor: {one.place}: {one.problem}" for one in it.examine(rebuild=True) if not one.mended]


def essence(state: State) -> Vectors:
    """Pictures, names and vectors by gallery: not the hour it was made."""
    return {
        name: {f"{path} {row[5]}": (row[0], row[2]) for path, row in gallery["samples"].items()}
        for name, gallery in state.items()
    }
