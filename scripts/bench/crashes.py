"""Kills the program at random instants, a thousand times and at every verb, and checks what is left by brute force.

    PYTHONPATH=. python scripts/bench/crashes.py --kills 1000 [--seed N] [--codes [SHARE]] [--json]

A process that has imported the program and opened nothing forks children that work on one home (`crashing.verbs`); each
announces and acknowledges its verbs in a ledger. A third of the rounds has two children, one in each gallery. After
SIGKILL a fresh process replays the ledgers (`crashing.checking`) and compares. One round in twenty is a first start,
another one the migration of an old home (`crashing.starting`). With `--codes`, all rounds, or a share of them, search
through codes (`coded`).
"""

from __future__ import annotations

import argparse
import json
import os
import select
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import numpy as np
from coded import files_of_codes, search_by_codes
from crashing import checking, starting, world
from crashing.aftermath import after_the_kill
from crashing.forks import REST, answer_of, forked, warm_up
from crashing.verbs import Child
from crashing.world import ALBUM, EXTRA, NUMERALS, State

DELAYS_S = (0.0, 0.002, 0.01, 0.05, 0.2)
MOST_VERBS = 5


class Rounds:
    """One home that is worked in and killed, again and again, and what its ledgers say it must hold."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.rng, self.seed = folder, np.random.default_rng(seed), seed
        self.truth: State = {}
        self.backups: dict[str, State] = {}
        self.kills: Counter[str] = Counter()  # by the verb that was in flight
        self.acknowledged: Counter[str] = Counter()
        self.with_codes = 0  # kills that left a file of codes
        self.wrong: list[str] = []

    def begin(self) -> None:
        forked(lambda: world.build(self.folder / "base"))
        self.start_over()

    def start_over(self) -> None:
        """After a failure, or at first: the home that was built."""
        for name in ("home", "backups"):
            shutil.rmtree(
                self.folder / "base" / name if name == "backups" else self.folder / "work", ignore_errors=True
            )
        shutil.copytree(self.folder / "base", self.folder / "work")
        (self.folder / "work" / "backups").mkdir(exist_ok=True)
        self.truth = world.observed(self.folder / "work" / "home" / "identity.db")
        self.backups = {}

    def round(self, number: int) -> None:
        """Let children work, kill them, check."""
        together = number % 3 == 0
        teams: list[list[str]] = [[NUMERALS], [ALBUM]] if together else [[NUMERALS, ALBUM, EXTRA]]
        ledgers = [self.folder / f"ledger-{at}" for at in range(len(teams))]
        for ledger in ledgers:
            ledger.unlink(missing_ok=True)
        self.kill_at_work(teams, ledgers, alone=not together)
        wrong = self.check(teams, ledgers, alone=not together)
        if wrong:
            self.wrong += [f"round {number}: {line}" for line in wrong]
            self.start_over()

    def kill_at_work(self, teams: list[list[str]], ledgers: list[Path], *, alone: bool) -> None:
        there, begun = os.pipe()
        children = []
        for team, ledger in zip(teams, ledgers, strict=True):
            seed = int(self.rng.integers(2**31))
            start = partial(Child, self.folder / "work", ledger, begun, team, seed, alone=alone)
            child = os.fork()
            if not child:
                os.close(there)
                work_for_ever(start, ledger)
            children.append(child)
        os.close(begun)
        wait_for(there, int(self.rng.integers(1, MOST_VERBS)))
        time.sleep(float(self.rng.choice(DELAYS_S) * self.rng.random()))
        for child in children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        os.close(there)

    def check(self, teams: list[list[str]], ledgers: list[Path], *, alone: bool) -> list[str]:
        """Everything that is wrong; the truth moves on."""
        before, truth, flying, wrong = self.truth, self.truth, [], []
        for team, ledger in zip(teams, ledgers, strict=True):
            entries = checking.read_ledger(ledger)
            truth, one, said = checking.replay(truth, entries, self.backups, None if alone else team)
            flying += [one] if one else []
            wrong += said
            self.acknowledged.update(entry["done"] for entry in entries if "done" in entry)
        self.kills.update([one["begin"] for one in flying] or ["between verbs"])
        self.with_codes += bool(files_of_codes(self.folder / "work" / "home"))
        found = world.observed(self.folder / "work" / "home" / "identity.db")
        wrong += checking.disagreements(truth, flying, found, self.backups) + checking.rows_are_whole(found)
        removed = checking.removed_between(before, found) + checking.removed_between(truth, found)
        wrong += answer_of(lambda: after_the_kill(self.folder / "work", found, removed))
        self.truth = found
        self.settle_backups(flying, found)
        return wrong

    def settle_backups(self, flying: list[Any], found: State) -> None:
        """A backup in flight is the old one or the new one; what it holds is read off it."""
        for one in flying:
            path = self.folder / "work" / "backups" / one.get("backup", "none")
            if path.is_file():
                held = world.observed(path)
                if held not in (found, self.backups.get(path.name)):
                    self.wrong.append(f"the backup {path.name} in flight is neither the old one nor the new one")
                self.backups[path.name] = held


def work_for_ever(start: Callable[[], Child], ledger: Path) -> None:
    try:
        start().work()
    except BaseException as error:  # noqa: BLE001 (opening failed: that is a finding)
        import traceback

        text = "".join(traceback.format_exception(error))
        ledger.open("a").write(json.dumps({"failed": text}) + "\n")
        time.sleep(60)
    os._exit(1)


def wait_for(there: int, verbs: int) -> None:
    """Until so many verbs were announced, or nothing more comes."""
    while verbs > 0 and select.select([there], [], [], 5)[0]:
        announced = os.read(there, 1)
        if not announced:
            return
        verbs -= 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--shipped", type=int, metavar="N", help="Ship N samples to first starts instead of all.")
    parser.add_argument("--codes", nargs="?", type=float, const=1.0, default=0.0, metavar="SHARE")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    warm_up(*REST)
    search_by_codes(on=options.codes > 0)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="crashes-") as folder:
        rounds = Rounds(Path(folder), options.seed)
        rounds.begin()
        if options.shipped is not None:
            starting.ship_a_part(Path(folder) / "package", options.shipped)
        starts = starting.Starts(Path(folder), options.seed)
        with suppress(KeyboardInterrupt):  # what was found until then is told
            for number in range(options.kills):
                search_by_codes(on=int((number + 1) * options.codes) > int(number * options.codes))
                if number % 20 in {7, 17}:
                    starts.round(old=number % 20 == 7)
                else:
                    rounds.round(number)
    report(rounds, starts, options, time.monotonic() - begun)


def report(rounds: Rounds, starts: starting.Starts, options: argparse.Namespace, wall_s: float) -> None:
    wrong = rounds.wrong + starts.wrong
    kills = dict(sorted((rounds.kills + starts.kills).items()))
    facts = {
        "kills": sum(kills.values()), "seed": options.seed, "wall_s": round(wall_s, 1), "killed_in": kills,
        "acknowledged": dict(sorted(rounds.acknowledged.items())), "with_codes": rounds.with_codes,
        "wrong": wrong,
    }  # fmt: skip
    if options.json:
        print(json.dumps(facts, indent=2))
    else:
        print(f"{facts['kills']} kills in {wall_s:.0f} s, {len(wrong)} wrong; in flight: {kills}")
        print(f"{rounds.with_codes} of them left codes")
        print("\n".join(wrong))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
