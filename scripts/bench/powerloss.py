"""Power cuts at random moments of real commands: is everything there that was acknowledged, and nothing half?

    python scripts/bench/powerloss.py --points 1000 --model both --json powerloss.json
    python scripts/bench/powerloss.py --points 25 --story short

Runs the first start, enrolment, relabelling, removal, calibration, clustering, backup, restore, the adding and removal
of models (`long`), and the upgrade of a home of the first schema, under strace, with every write. Then the log is
played to a disk that forgets, stopped at random places, and what such a disk may hold is laid out and opened with the
program: `doctor` finds nothing, the rows of the database, the models and the backups are those after the last command
that ended, or those the next one was about to make. `strict` is a disk that promises what POSIX does and no more;
`ordered` is one like ext4. With `--codes` the commands search through codes (`coded`). Needs strace (Linux).
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from coded import add_option
from power import log
from power.check import lay_out, problems
from power.disk import Disk, Model
from power.operations import Acknowledged, Opened
from power.story import STORIES, WATCHED, Story, tell
from reporting import arguments, report

from identity import bootstrap

MODELS: tuple[Model, ...] = ("strict", "ordered")


def power_cuts(story: Story, model: Model, *, points: int, seed: int) -> Iterator[tuple[str, list[str]]]:
    """Where the power went, and what was wrong then. A third of the points come right after an acknowledgement."""
    rng = random.Random(f"{seed} {model}")
    ends = [place + 1 for place, one in enumerate(story.operations) if isinstance(one, Acknowledged)]
    anywhere = range(len(story.operations) + 1)
    wanted = Counter(rng.choice(ends) if rng.random() < 1 / 3 else rng.choice(anywhere) for _ in range(points))
    disk, ended, folder = Disk(model), 0, story.folder / "after"
    for operation in story.setting:
        disk.do(operation)
    for place in anywhere:
        for _ in range(wanted[place]):
            lay_out(disk.after_power_cut(rng), folder)
            before, after = story.states[ended], story.states[min(ended + 1, len(story.states) - 1)]
            yield f"operation {place}, after {ended} commands", problems(folder, before, after)
        if place < len(story.operations):
            disk.do(story.operations[place])
            ended += isinstance(story.operations[place], Acknowledged)
    _require_same(disk, story.folder / WATCHED)


def _require_same(disk: Disk, folder: Path) -> None:
    """The replay is worth nothing unless it ends with what is really there."""
    there = {str(path.relative_to(folder)): None if path.is_dir() else path.read_bytes() for path in folder.rglob("*")}
    if there != disk.live():
        wrong = sorted(path for path in there.keys() | disk.live().keys() if there.get(path) != disk.live().get(path))
        raise RuntimeError(f"the log does not say what was done to {', '.join(wrong)}")


def rows(story: Story, models: Sequence[Model], *, points: int, seed: int) -> Iterator[dict[str, object]]:
    """One per disk."""
    for model in models:
        failed = [(where, found) for where, found in power_cuts(story, model, points=points, seed=seed) if found]
        for where, found in failed[:10]:
            print(f"{model}: {where}: {'; '.join(found)}", file=sys.stderr)
        yield {"disk": model, "points": points, "operations": len(story.operations), "failed": len(failed)}


def written(story: Story) -> int:
    """How many files of codes the commands wrote."""
    made = {one.path for one in story.operations if isinstance(one, Opened) and one.path.endswith(".codes")}
    return len(made)


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--points", type=int, default=1000)
    parser.add_argument("--model", choices=[*MODELS, "both"], default="both")
    parser.add_argument("--story", choices=[*STORIES, "all"], default="all", help="which commands")
    parser.add_argument("--seed", type=int, default=0)
    add_option(parser)
    options = parser.parse_args()
    if not log.is_available():
        sys.exit("strace is not here, or may not trace")
    models = MODELS if options.model == "both" else (options.model,)
    found = []
    for name in ("long", "upgrade") if options.story == "all" else (options.story,):
        with tempfile.TemporaryDirectory() as folder:
            story = tell(name, Path(folder).resolve(), codes=options.codes)
            bootstrap.SHIPPED = story.shipped
            points = rows(story, models, points=options.points, seed=options.seed)
            found += [{"story": name, "commands": len(STORIES[name]), "codes": written(story)} | row for row in points]
    report("powerloss", found, file=options.json, seed=options.seed, stories=STORIES)
    sys.exit(any(row["failed"] for row in found))


if __name__ == "__main__":
    main()
