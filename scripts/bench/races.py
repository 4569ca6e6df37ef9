"""Four processes ask and three write in one home at once; counts what nobody may ever see.

    PYTHONPATH=. python scripts/bench/races.py --minutes 10 [--seed N] [--codes] [--json]

Counted are errors other than "busy" and what the program refuses in so many words, answers with fewer matches than
were asked for (the galleries never fall under `FLOOR` samples), answers that show a sample whose removal was
acknowledged before the question, and index files that the database names and nobody finds. With `--codes` questions
are answered through codes (`coded`); looks that found some are counted.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import numpy as np
from coded import add_option, files_of_codes, search_by_codes
from crashing import verbs, world
from crashing.forks import forked, warm_up
from crashing.world import ALBUM, NUMERALS

from identity.core.errors import GalleryChangedError, StoreBusyError

READERS, FLOOR, MOST_K = 4, 40, 5
SEEN = ("errors", "short answers", "removed samples shown", "index files missing")


class Racer:
    """One process: what it counts, and the first words of each error."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.rng = folder, np.random.default_rng(seed)
        self.counts: Counter[str] = Counter()
        self.errors: dict[str, str] = {}
        self.gone = folder / "gone"  # ids of samples, appended when their removal was acknowledged

    def repeat(self, act: Callable[[], str], until: float) -> None:
        while time.monotonic() < until:
            try:
                self.counts[act()] += 1
            except StoreBusyError:
                self.counts["busy"] += 1
            except GalleryChangedError:
                self.counts["gallery changed"] += 1
            except verbs.REFUSALS:
                self.counts["refused"] += 1
            except Exception as error:  # noqa: BLE001 (they are what is counted)
                self.counts["errors"] += 1
                self.errors.setdefault(type(error).__name__, traceback.format_exc())

    def tell(self, path: Path) -> None:
        path.write_text(json.dumps({"counts": self.counts, "errors": self.errors}))


def read(racer: Racer, until: float) -> None:
    """Ask for k matches of a picture, of one gallery or the other."""
    import identity

    with identity.open_home(home=racer.folder / "home") as home:
        galleries = {name: home.open_gallery(name) for name in (NUMERALS, ALBUM)}
        pictures = {name: sorted((racer.folder / "pictures").rglob(f"drawn-{name}-*.png")) for name in galleries}
        removed: set[int] = set()
        heard = 0

        def ask() -> str:
            nonlocal heard
            with racer.gone.open("rb") as file:
                file.seek(heard)
                lines = file.read()
            heard += lines.rfind(b"\n") + 1
            removed.update(int(one) for one in lines[: lines.rfind(b"\n") + 1].split())
            name = str(racer.rng.choice(sorted(galleries)))
            k = int(racer.rng.integers(1, MOST_K + 1))
            (answer,) = galleries[name].query(pictures[name][racer.rng.integers(len(pictures[name]))], k=k)
            shown = [match.sample for match in answer.regions[0].matches]
            racer.counts["short answers"] += len(shown) < k
            racer.counts["removed samples shown"] += bool(removed & set(shown))
            return "answers"

        racer.repeat(ask, until)


def write(racer: Racer, until: float, names: list[str]) -> None:
    """Do the verbs of these names, one after the other, in one gallery or the other."""
    begun = os.open(os.devnull, os.O_WRONLY)
    child = verbs.Child(
        racer.folder, Path(os.devnull), begun, [NUMERALS, ALBUM], int(racer.rng.integers(2**31)), alone=False
    )
    kinds = {"rebuild": rebuild, **{verb.__name__: verb for verb in verbs.IN_GALLERY}}

    def act() -> str:
        name = names[racer.rng.integers(len(names))]
        gallery = child.home.open_gallery(str(racer.rng.choice([NUMERALS, ALBUM])))
        before = {Path(one.source).name: one.id for one in child.samples(gallery)} if name == "remove" else {}
        if name == "remove" and len([one for one in child.samples(gallery) if one.role == "gallery"]) < FLOOR:
            name = "enroll"
        planned = kinds[name](child, gallery)
        if planned is None:
            return "nothing to do"
        planned[1]()
        if name == "remove":
            with racer.gone.open("ab") as file:
                file.write("".join(f"{before[path]}\n" for path in planned[0]["gone"] if path in before).encode())
        return name

    racer.repeat(act, until)


def rebuild(_child: verbs.Child, gallery: Any) -> verbs.Planned:
    from identity.workflows import snapshots

    return {}, lambda: snapshots.rebuild(gallery.store, gallery.snapshots)


def watch(racer: Racer, until: float) -> None:
    """Look whether every index file that the database names is there."""

    def look() -> str:
        named = named_files(racer.folder / "home")
        missing = {file for file in named if not file.exists()}
        racer.counts["index files missing"] += bool(missing & named_files(racer.folder / "home"))
        racer.counts["looks that found codes"] += bool(files_of_codes(racer.folder / "home"))
        time.sleep(0.02)
        return "looks at files"

    racer.repeat(look, until)


def named_files(home: Path) -> set[Path]:
    select = "SELECT g.uuid, s.token FROM snapshot s JOIN gallery g ON g.id = s.gallery_id"
    with closing(sqlite3.connect(home / "identity.db", timeout=20)) as connection:
        found = connection.execute(select).fetchall()
    return {next((home / "indexes").glob(f"{uuid}-{token[:16]}*"), home / token) for uuid, token in found}


WRITERS = (["enroll"], ["remove", "relabel", "remove"], ["people", "rebuild", "people", "cluster"])


def run(folder: Path, minutes: float, seed: int) -> dict[str, Any]:
    forked(lambda: world.build(folder))
    (folder / "gone").touch()
    (folder / "backups").mkdir()
    until = time.monotonic() + 60 * minutes
    works: list[Callable[[Racer], None]] = [lambda racer: read(racer, until)] * READERS
    works += [lambda racer, names=names: write(racer, until, names) for names in WRITERS]  # type: ignore[misc]
    works.append(lambda racer: watch(racer, until))
    children = []
    for number, work in enumerate(works):
        child = os.fork()
        if not child:
            racer = Racer(folder, 1000 * seed + number)
            try:
                work(racer)
            except BaseException:  # noqa: BLE001 (a racer that falls is counted)
                racer.counts["errors"] += 1
                racer.errors["fell"] = traceback.format_exc()
            racer.tell(folder / f"told-{number}.json")
            os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)
    told = [json.loads((folder / f"told-{number}.json").read_text()) for number in range(len(works))]
    counts = sum((Counter(one["counts"]) for one in told), Counter(dict.fromkeys(SEEN, 0)))
    return {"counts": {name: counts[name] for name in sorted({*counts, *SEEN})},
            "errors": {kind: text for one in told for kind, text in one["errors"].items()}}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=0)
    add_option(parser)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    warm_up()
    search_by_codes(on=options.codes)
    with tempfile.TemporaryDirectory(prefix="races-") as folder:
        found = run(Path(folder), options.minutes, options.seed)
    print(json.dumps(found, indent=2) if options.json else found["counts"])
    if not options.json:
        print("\n".join(found["errors"].values()))
    sys.exit(1 if any(found["counts"][name] for name in SEEN) else 0)


if __name__ == "__main__":
    main()
