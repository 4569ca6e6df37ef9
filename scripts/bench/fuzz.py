"""Feeds spoiled files to every reader of the program, and keeps those that do more than cost one line.

    python scripts/bench/fuzz.py --seconds 60 --seed 1 --json fuzz.json
    python scripts/bench/fuzz.py --hours 8 --reader image --output found

A file may succeed or be refused with an `IdentityError` of one line. Anything else, more than 1 GB of memory above
idle, or more than 10 s (2 s more are left for a busy machine), is a failure: its bytes are kept in --output.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Timer

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2])]
from fuzz_seeds import seeds, spoiled  # noqa: E402

MOST_S, GRACE_S = 10, 2
MOST_MB = 1024
READERS = ("image", "idx", "packed", "manifest", "archive", "onnx", "groups", "truth")
READERS += ("weights",) if find_spec("h5py") else ()  # of the extra `train`


@dataclass
class Found:
    """What became of the files of one reader."""

    files: int = 0
    read: int = 0
    refused: int = 0
    slowest_s: float = 0.0
    most_mb: float = 0.0
    failures: Counter[str] = field(default_factory=Counter)


class Child:
    """The process that reads; begun anew after one that had to be stopped."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def answer(self, reader: str, path: Path) -> dict:
        if self._process is None or self._process.poll() is not None:
            command = [sys.executable, str(Path(__file__).with_name("fuzz_child.py"))]
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
            )
            self._process.stdout.readline()  # ready
        timer = Timer(MOST_S + GRACE_S + 3, self._process.kill)
        timer.start()
        try:
            self._process.stdin.write(json.dumps([reader, str(path)]) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except OSError:
            line = ""
        finally:
            timer.cancel()
        return json.loads(line) if line else {"outcome": f"ended with {self._process.wait()}", "s": 0.0, "mb": 0.0}

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()


def fuzz(*, seconds: float, seed: int, readers: tuple[str, ...] = READERS, output: Path, files: int = 2**62) -> dict:
    """Read spoiled files until the time is over, or so many are read; what became of them, by reader."""
    corpus = seeds()
    found = {reader: Found() for reader in readers}
    dice, child, end = random.Random(seed), Child(), time.monotonic() + seconds
    with TemporaryDirectory() as folder:
        while time.monotonic() < end and sum(one.files for one in found.values()) < files:
            reader = dice.choice(readers)
            name = dice.choice(sorted(corpus[reader]))
            other = corpus[reader][dice.choice(sorted(corpus[reader]))]
            content = spoiled(corpus[reader][name], other, dice)
            path = Path(folder) / name
            path.write_bytes(content)
            _note(found[reader], child.answer(reader, path), content, output / f"{reader}-{name}")
    child.close()
    return found


def _note(found: Found, answer: dict, content: bytes, kept: Path) -> None:
    outcome = answer["outcome"]
    found.files += 1
    found.slowest_s, found.most_mb = max(found.slowest_s, answer["s"]), max(found.most_mb, answer["mb"])
    if answer["s"] > MOST_S + GRACE_S:
        outcome = f"took {answer['s']:.0f} s"
    elif answer["mb"] > MOST_MB:
        outcome = f"took {answer['mb']:.0f} MB"
    found.read += outcome == "read"
    found.refused += outcome == "refused"
    if outcome not in ("read", "refused"):
        found.failures[outcome] += 1
        kept.parent.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256(content).hexdigest()[:8]
        kept.with_name(f"{digest}-{kept.name}").write_bytes(content)
        print(f"{kept.with_name(f'{digest}-{kept.name}')}: {outcome}", file=sys.stderr)


def main() -> int:
    """Run from the command line; exit 1 where something failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float, default=0)
    parser.add_argument("--seconds", type=float, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--reader", choices=READERS, help="only this one")
    parser.add_argument("--output", type=Path, default=Path("fuzz-found"), help="folder of the files that fail")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file as well")
    given = parser.parse_args()
    seconds = given.hours * 3600 + given.seconds or 60
    readers = (given.reader,) if given.reader else READERS
    found = fuzz(seconds=seconds, seed=given.seed, readers=readers, output=given.output)
    rows = [
        {
            "reader": reader, "files": one.files, "read": one.read, "refused": one.refused,
            "failed": sum(one.failures.values()), "slowest_s": one.slowest_s, "most_mb": one.most_mb,
        }
        for reader, one in found.items()
    ]  # fmt: skip
    from reporting import report

    report("fuzz", rows, file=given.json, seed=given.seed, seconds=seconds)
    return int(any(row["failed"] for row in rows))


if __name__ == "__main__":
    sys.exit(main())
