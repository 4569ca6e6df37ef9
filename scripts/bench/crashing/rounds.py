"""Rounds of work, a kill and a check in one home, and what its ledgers say it must hold."""

from __future__ import annotations

import json
import os
import select
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from coded import files_of_codes
from crashing import checking, verbs, world
from crashing.aftermath import after_the_kill
from crashing.forks import answer_of
from crashing.stages import FileStage, kill
from crashing.verbs import Child
from crashing.world import ALBUM, EXTRA, NUMERALS, State

DELAYS_S = (0.0, 0.002, 0.01, 0.05, 0.2)
MOST_VERBS = 5
OPEN = ("may or may not have been kept", "removed, but the bytes are still", "nothing of this step was written")
PATIENCE = 40  # verbs that are announced before the one that is waited for


class Rounds:
    """One home that is worked in and killed, again and again, and what its ledgers say it must hold.

    With `favoured` verbs, they come more often, and the kill comes while the one is at work that was killed least.
    """

    def __init__(self, stage: FileStage, seed: int, *, favoured: Sequence[str] = ()) -> None:
        self.stage, self.folder, self.rng = stage, stage.folder, np.random.default_rng(seed)
        self.favoured = favoured
        self.truth: State = {}
        self.backups: dict[str, State] = {}
        self.kills: Counter[str] = Counter()  # by the verb that was in flight
        self.acknowledged: Counter[str] = Counter()
        self.open: Counter[str] = Counter()  # verbs that lost their server: what was said, and whether they were kept
        self.with_codes = 0  # kills that left a file of codes
        self.wrong: list[str] = []

    def begin(self) -> None:
        self.stage.begin()
        self.start_over()

    def start_over(self) -> None:
        """After a failure, or at first: the home that was built."""
        self.stage.start_over()
        self.truth, self.backups = world.observed(self.stage.database), {}

    def round(self, number: int) -> None:
        """Let children work, kill them, check."""
        together = number % 3 == 0
        teams: list[list[str]] = [[NUMERALS], [ALBUM]] if together else [[NUMERALS, ALBUM, EXTRA]]
        ledgers = [self.folder / f"ledger-{at}" for at in range(len(teams))]
        for ledger in ledgers:
            ledger.unlink(missing_ok=True)
        wrong = self.kill_at_work(teams, ledgers, alone=not together)
        wrong += self.check(teams, ledgers, alone=not together)
        if wrong:
            self.wrong += [f"round {number}: {line}" for line in wrong]
            self.start_over()

    def kill_at_work(self, teams: list[list[str]], ledgers: list[Path], *, alone: bool) -> list[str]:
        there, begun = os.pipe()
        children = []
        for team, ledger in zip(teams, ledgers, strict=True):
            seed = int(self.rng.integers(2**31))
            start = partial(
                Child, self.folder / "work", ledger, begun, team, seed,
                alone=alone, address=self.stage.address, workers=self.stage.workers, favoured=self.favoured,
            )  # fmt: skip
            child = os.fork()
            if not child:
                os.close(there)
                work_for_ever(start, ledger)
            children.append(child)
        os.close(begun)
        try:
            self.wait_for_work(there)
            return self.stage.strike(children, ledgers)
        except KeyboardInterrupt:
            kill(children)
            raise
        finally:
            os.close(there)

    def wait_for_work(self, there: int) -> None:
        """Until the instant of the kill."""
        if self.favoured:
            wait_for(there, PATIENCE, until=self.least_killed())
        else:
            wait_for(there, int(self.rng.integers(1, MOST_VERBS)))
        time.sleep(float(self.rng.choice(DELAYS_S) * self.rng.random()))

    def least_killed(self) -> bytes:
        """The letter of those favoured verbs that were in flight least often."""
        counts = Counter({verbs.LETTERS[verb]: 0 for verb in self.favoured})
        for verb, kills in self.kills.items():
            if verbs.LETTERS.get(verb) in counts:
                counts[verbs.LETTERS[verb]] += kills
        return min(counts, key=lambda letter: counts[letter])

    def check(self, teams: list[list[str]], ledgers: list[Path], *, alone: bool) -> list[str]:
        """Everything that is wrong; the truth moves on."""
        before, truth, flying, wrong = self.truth, self.truth, [], []
        for team, ledger in zip(teams, ledgers, strict=True):
            entries = checking.read_ledger(ledger)
            truth, one, said = checking.replay(truth, entries, self.backups, None if alone else team)
            flying += [one] if one else []
            wrong += said
            self.acknowledged.update(entry["done"] for entry in entries if "done" in entry)
        self.kills.update(self.stage.struck or [one["begin"] for one in flying] or ["between verbs"])
        self.with_codes += bool(files_of_codes(self.folder / "work" / "home"))
        found = world.observed(self.stage.database)
        self.count_open(flying, truth, found)
        wrong += checking.disagreements(truth, flying, found, self.backups) + checking.rows_are_whole(found)
        removed = checking.removed_between(before, found) + checking.removed_between(truth, found)
        places = {"address": self.stage.address, "workers": self.stage.workers}
        wrong += answer_of(lambda: after_the_kill(self.folder / "work", found, removed, **places))
        self.truth = found
        self.settle_backups(flying, found)
        return wrong

    def count_open(self, flying: list[Any], truth: State, found: State) -> None:
        """What verbs that lost their server were told, and whether what they did was kept."""
        for one in flying:
            if "lost" in one:
                kept = truth.get(one["gallery"]) != found.get(one["gallery"])
                said = next((words for words in OPEN if words in one["lost"]), one["lost"])
                self.open[f"{one['begin']}: '{said}', {'kept' if kept else 'not kept'}"] += 1

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


def wait_for(there: int, verbs: int, *, until: bytes | None = None) -> None:
    """Until so many verbs were announced, or the one with this letter, or nothing more comes."""
    while verbs > 0 and select.select([there], [], [], 5)[0]:
        announced = os.read(there, 1)
        if not announced or announced == until:
            return
        verbs -= 1
