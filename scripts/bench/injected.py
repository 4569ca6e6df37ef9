"""Lets every system call of every verb fail once, and checks that the answer is one line and nothing is half done.

    PYTHONPATH=. python scripts/bench/injected.py [--verbs enroll,remove] [--every] [--at-most N] [--codes] [--json]

`strace` is attached to a forked process before the command begins, so the calls of Python's start are not among them.
A first run counts the calls that touch the home or the backup; then each of them fails in a run of its own, with one
of ENOSPC, EIO and EACCES in turn, or with `--every` with each. Afterwards the home holds what it held before, or what
an unbroken run leaves (which it must where the command said 0), the examination finds it sound, and nothing of
removed samples is in any file. With `--codes` the galleries are searched through codes (`coded`).
"""

from __future__ import annotations

import argparse
import json
import shutil
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from compileall import compile_dir
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from coded import add_option, files_of_codes, search_by_codes
from crashing import attached, checking, world
from crashing.aftermath import after_the_kill
from crashing.forks import answer_of, forked, warm_up

import identity

ERRORS = ("ENOSPC", "EIO", "EACCES")
PART = 6  # the exit code where a file could not be read and the rest was done
SAMPLES = "{first} {second}"
VERBS = {
    "enroll": "enroll pictures/3 -g numerals --as Zed",
    "relabel": f"samples relabel {SAMPLES} -g album --as Zed",
    "forget": "samples remove --identity 3 -g numerals --yes",
    "remove": f"samples remove {SAMPLES} -g album --yes",
    "calibrate": "calibrate -g numerals --alpha 0.2",
    "cluster": "cluster -g album --eps 0.5 --full",
    "undo": "cluster undo -g album",
    "name": "people name c1 Ada -g album",
    "merge": "people merge c1 c2 --as Ada -g album",
    "split": "people split c1 {first} -g album",
    "reject": "people reject c1 {first} -g album",
    "create": "gallery create fresh --model digits",
    "delete": "gallery delete album --yes",
    "backup": "backup kept.bak",
    "restore": "restore older.bak --yes",
    "add": "models add network --name spare",
    "models remove": "models remove pixels",
    "doctor": "doctor --rebuild",
    "query": "query pictures/album -g album",
    "query digits": "query pictures/3 -g numerals",
    "query anew": "query pictures/3 -g numerals",
}
WITHOUT_INDEX = {"query anew"}  # verbs that find no index file; with codes they write one


class Injections:
    """A home as it was built, and what comes of commands on copies of it."""

    def __init__(self, folder: Path) -> None:
        self.base, self.work = folder / "base", folder / "work"
        self.wrong: list[str] = []
        self.runs: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()  # commands that ended with a line
        self.with_codes = 0  # runs that left a file of codes

    def begin(self) -> None:
        forked(lambda: world.build(self.base))
        database = self.base / "home" / "identity.db"
        self.before = world.observed(database)
        forked(lambda: attached_backup(self.base))
        cluster = [row[5] for row in self.before[world.ALBUM]["samples"].values()]
        self.words = {"first": min(cluster), "second": min(cluster) + 1}

    def fresh(self, verb: str) -> None:
        shutil.rmtree(self.work, ignore_errors=True)
        shutil.copytree(self.base, self.work)
        if verb in WITHOUT_INDEX:
            shutil.rmtree(self.work / "home" / "indexes", ignore_errors=True)
            with closing(sqlite3.connect(self.work / "home" / "identity.db")) as connection, connection:
                connection.execute("DELETE FROM snapshot")

    def verb(self, name: str, *, every: bool, at_most: int | None) -> None:
        """All calls of one verb, or some of them evenly chosen."""
        line = VERBS[name].format(**self.words)
        self.fresh(name)
        log = self.base.parent / "calls"
        whole = attached.run(line, self.work, "-y", "-o", str(log), "-e", f"trace={','.join(attached.CALLS)}")
        if whole.code:
            self.wrong.append(f"{name}: does not work at all: {whole.err}")
            return
        after = world.observed(self.work / "home" / "identity.db")
        calls = list(attached.calls_in(log, self.work))
        chosen = calls if at_most is None else calls[:: max(1, len(calls) // at_most)][:at_most]
        for place, (call, number) in enumerate(chosen):
            for error in ERRORS if every else (ERRORS[place % 3],):
                self.inject(name, line, f"{call}:error={error}:when={number}", after)

    def inject(self, name: str, line: str, fault: str, after: Any) -> None:
        self.fresh(name)
        call = fault.partition(":")[0]
        ended = attached.run(line, self.work, "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={fault}")
        self.runs[name] += 1
        self.refused[name] += ended.code != 0
        self.with_codes += bool(files_of_codes(self.work / "home"))
        wrong = [] if ended.is_answered else [f"code {ended.code}: {ended.err[-1500:]}"]
        found = world.observed(self.work / "home" / "identity.db")
        wrong += checking.rows_are_whole(found)
        held = known(found)
        in_part = ended.code == PART and is_between(known(self.before), held, known(after))
        if held != known(after) and not in_part and (ended.code == 0 or held != known(self.before)):
            wrong.append(
                f"code {ended.code}, and the tables are {'not changed' if held == known(self.before) else 'half'}"
            )
        removed = checking.removed_between(self.before, found)
        wrong += answer_of(lambda: after_the_kill(self.work, found, removed)) if name != "models remove" else []
        self.wrong += [f"{name}, {fault}: {one}" for one in wrong]


def known(state: Any) -> Any:
    """What two runs of one command leave alike: names, clusters and decisions."""
    rest = {name: [gallery["rest"][part] for part in ("labels", "parties")] for name, gallery in state.items()}
    return world.identities(state), rest


def is_between(before: Any, held: Any, after: Any) -> bool:
    """Whether everything of the state before is there, and beyond it nothing but what the command was to add."""
    (first, _), (now, _), (last, _) = before, held, after
    return all(first[name].items() <= now[name].items() <= last[name].items() for name in first)


def attached_backup(base: Path) -> None:
    with identity.open_home(home=base / "home") as home:
        home.backup(base / "older.bak")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--verbs", default=",".join(VERBS))
    parser.add_argument("--every", action="store_true")
    parser.add_argument("--at-most", type=int, help="So many calls of each verb, evenly chosen.")
    add_option(parser)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    search_by_codes(on=options.codes)
    if reason := attached.why_not():
        sys.exit(reason)
    warm_up("identity.cli.main", "identity.documents.schemas")
    compile_dir(str(Path(identity.__file__).parent), quiet=1)  # else the first run writes bytecode and counts that too
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="injected-") as folder:
        injections = Injections(Path(folder))
        injections.begin()
        with suppress(KeyboardInterrupt):  # what was found until then is told
            for name in options.verbs.split(","):
                injections.verb(name, every=options.every, at_most=options.at_most)
    facts = {
        "wall_s": round(time.monotonic() - begun, 1), "failures_injected": dict(injections.runs),
        "ended_with_a_line": dict(injections.refused), "with_codes": injections.with_codes, "wrong": injections.wrong,
    }  # fmt: skip
    print(json.dumps(facts, indent=2) if options.json else "\n".join([str(facts), *injections.wrong]))
    sys.exit(1 if injections.wrong else 0)


if __name__ == "__main__":
    main()
