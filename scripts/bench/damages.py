"""Plants damages in copies of a home, one at a time, and asks what notices: the answers, or the examination.

Each damage changes one row of one table behind the program's back (a bit of a value, a value for another, a row gone,
a row doubled) or one byte of an index file; with `--codes`, half of them change the codes beside one (`coded`): a bit,
a part lost, those of an earlier snapshot, two sectors exchanged, no file. Answers are everything that people read:
verdicts with their distances and thresholds, samples, names, people, history. A damage that changes any answer has to
be found by `doctor`; nothing may end in anything but an answer or an `IdentityError`; and no damage may make a query
say another name.

    python scripts/bench/damages.py --damages 2000 [--codes]
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from coded import add_option, search_by_codes
from damage.home import Answers, answers_of, build_home, findings_of
from damage.planting import plant
from reporting import arguments, report


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one damage did: it changed answers, was refused, was found; and what is not allowed."""

    damage: str
    changed: bool
    refused: bool
    found: bool
    raised: str | None  # anything but an IdentityError
    misnamed: bool

    @property
    def missed(self) -> bool:
        """Whether an answer changed and nothing finds why."""
        return (self.changed or self.refused) and not self.found


def outcome_of(home: Path, before: Answers, rng: np.random.Generator) -> Outcome:
    """Plant one damage in this home, which is spent then."""
    damage = plant(home, rng)
    after = answers_of(home)
    found, raised = findings_of(home)
    return Outcome(
        damage,
        changed=after.differ(before),
        refused=bool(after.refused),
        found=found,
        raised=after.raised or raised,
        misnamed=after.misnamed(before),
    )


def outcomes(made: Path, *, damages: int, seed: int) -> list[Outcome]:
    """The outcomes of so many damages, each in its own copy of a home."""
    rng, before = np.random.default_rng(seed), answers_of(made)
    found: list[Outcome] = []
    with tempfile.TemporaryDirectory() as name:
        for number in range(damages):
            home = Path(name) / str(number)
            shutil.copytree(made, home)
            found.append(outcome_of(home, before, rng))
            shutil.rmtree(home)
    return found


def rows_of(found: list[Outcome]) -> list[dict[str, object]]:
    """One row for each kind of damage."""
    kinds = Counter(one.damage.split(" ")[0] for one in found)
    return [_row(kind, [one for one in found if one.damage.split(" ")[0] == kind]) for kind in sorted(kinds)]


def _row(kind: str, found: list[Outcome]) -> dict[str, object]:
    return {
        "damaged": kind,
        "planted": len(found),
        "changed answers": sum(one.changed for one in found),
        "refused": sum(one.refused for one in found),
        "found by doctor": sum(one.found for one in found),
        "changed and not found": sum(one.missed for one in found),
        "tracebacks": sum(one.raised is not None for one in found),
        "another name": sum(one.misnamed for one in found),
    }


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--damages", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    add_option(parser)
    asked = parser.parse_args()
    search_by_codes(on=asked.codes)
    with tempfile.TemporaryDirectory() as name:
        found = outcomes(build_home(Path(name) / "home"), damages=asked.damages, seed=asked.seed)
    for one in found:
        if one.missed or one.raised:
            print(one)
    report("damages", rows_of(found), file=asked.json, repeats=1)


if __name__ == "__main__":
    main()
