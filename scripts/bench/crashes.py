"""Kills the program at random instants, a thousand times and at every verb, and checks what is left by brute force.

    PYTHONPATH=. python scripts/bench/crashes.py --kills 1000 [--seed N] [--codes [SHARE]] [--json]
    PYTHONPATH=. python scripts/bench/crashes.py --kills 700 --database postgresql --kill writer|server|worker --favour

A process that has imported the program and opened nothing forks children that work on one home (`crashing.verbs`); each
announces and acknowledges its verbs in a ledger. A third of the rounds has two children, one in each gallery. After
SIGKILL a fresh process replays the ledgers (`crashing.checking`) and compares. One round in twenty is a first start,
another one the migration of an old home (`crashing.starting`). With `--codes`, all rounds, or a share of them, search
through codes (`coded`).

With `--database postgresql` the rows are on a real server with `fsync` on, and there are neither backups nor first
starts. `--kill server` kills all processes of the server instead, which is started again on its folder; the verb in
flight then says what it has to say, and what it was told may be kept or not. With `--kill worker` three workers of a
Dask scheduler embed what is enrolled and hold the shards that are searched; one is killed and another started, and the
verb in flight has to be done as if nothing had been. With `--favour` enrolling, removing,
calibrating and clustering come more often, and the kill comes while the one is at work that was killed least.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from coded import search_by_codes
from crashing import starting
from crashing.forks import REST, warm_up
from crashing.rounds import Rounds
from crashing.stages import FileStage, ServerStage
from crashing.verbs import LETTERS
from crashing.worker_stage import WorkerStage

SERVED = ("psycopg", "sqlalchemy.dialects.postgresql.psycopg", "identity.store.postgres.database")

SPREAD = ("distributed", "identity.bootstrap", "identity.workflows.search_place", "identity.workflows.elsewhere")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--minutes", type=float, default=600, help="after which no other round is begun")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--shipped", type=int, metavar="N", help="Ship N samples to first starts instead of all.")
    parser.add_argument("--codes", nargs="?", type=float, const=1.0, default=0.0, metavar="SHARE")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    kinds = ["writer", "server", "worker"]
    parser.add_argument("--kill", choices=kinds, default="writer", help="What is killed on PostgreSQL.")
    parser.add_argument("--favour", action="store_true", help="Kill while they enrol, remove, calibrate and cluster.")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    warm_up(*REST, *(SERVED if options.database == "postgresql" else ()))
    warm_up(*(SPREAD if options.kill == "worker" else ()))
    search_by_codes(on=options.codes > 0)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="crashes-") as folder:
        stage = staged(Path(folder), options)
        rounds = Rounds(stage, options.seed, favoured=sorted(LETTERS) if options.favour else ())
        starts = starting.Starts(Path(folder), options.seed)
        try:
            with suppress(KeyboardInterrupt):  # what was found until then is told
                work_and_kill(rounds, starts, options)
        finally:
            stage.close()
    report(rounds, starts, options, time.monotonic() - begun)


def staged(folder: Path, options: argparse.Namespace) -> FileStage:
    if options.database == "sqlite":
        return FileStage(folder)
    if options.kill == "worker":
        return WorkerStage(folder, seed=options.seed)
    return ServerStage(folder, kills_server=options.kill == "server")


def work_and_kill(rounds: Rounds, starts: starting.Starts, options: argparse.Namespace) -> None:
    rounds.begin()
    if options.shipped is not None:
        starting.ship_a_part(rounds.folder / "package", options.shipped)
    end_s = time.monotonic() + 60 * options.minutes
    for number in range(options.kills):
        if time.monotonic() > end_s:
            return
        search_by_codes(on=int((number + 1) * options.codes) > int(number * options.codes))
        if number % 20 in {7, 17} and options.database == "sqlite":
            starts.round(old=number % 20 == 7)
        else:
            rounds.round(number)


def report(rounds: Rounds, starts: starting.Starts, options: argparse.Namespace, wall_s: float) -> None:
    wrong = rounds.wrong + starts.wrong
    kills = dict(sorted((rounds.kills + starts.kills).items()))
    facts = {
        "kills": sum(kills.values()), "seed": options.seed, "wall_s": round(wall_s, 1), "killed_in": kills,
        "acknowledged": dict(sorted(rounds.acknowledged.items())), "with_codes": rounds.with_codes,
        "database": options.database, "killed": options.kill, "without_answer": dict(sorted(rounds.open.items())),
        "wrong": wrong,
    }  # fmt: skip
    if options.json:
        print(json.dumps(facts, indent=2))
    else:
        print(f"{facts['kills']} kills in {wall_s:.0f} s, {len(wrong)} wrong; in flight: {kills}")
        print(f"{rounds.with_codes} of them left codes; without an answer: {dict(rounds.open)}")
        print("\n".join(wrong))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
