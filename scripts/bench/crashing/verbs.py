"""What a child does until it is killed: one verb after the other, each announced and acknowledged in its ledger.

An announcement foresees what the verb makes of the galleries: pictures that come, go, or bear another name.
"""

from __future__ import annotations

import json
import os
import re
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from crashing import world
from crashing.home_verbs import IN_FILES, IN_TABLES
from crashing.reading import Database, went
from crashing.world import ALBUM, EXTRA, NUMERALS

from identity import NotCalibratedError, NotFoundError, UsageError, bootstrap
from identity.core.errors import ClusteringError, StoreBusyError, StoreError

REFUSALS = (UsageError, NotFoundError, NotCalibratedError, ClusteringError)
Effect = dict[str, Any]
Planned = tuple[Effect, Callable[[], Any]] | None
LETTERS = {"enroll": b"e", "remove": b"f", "forget": b"f", "calibrate": b"t", "cluster": b"c"}  # as announced
OTHER = b"."
FAVOURED = 3  # times as often as usual
GONE = re.compile("was lost|cannot be reached|is starting or stopping")


class Child:
    """One process at work on a home, in one gallery or in all."""

    def __init__(
        self, folder: Path, ledger: Path, begun: int, galleries: list[str], seed: int,
        *, alone: bool, address: str | None = None, workers: str | None = None, favoured: Sequence[str] = (),
    ) -> None:  # fmt: skip
        self.folder, self.begun, self.galleries, self.workers = folder, begun, galleries, workers
        self.ledger = os.open(ledger, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self.rng = np.random.default_rng(seed)
        self.pictures = {
            NUMERALS: sorted((folder / "pictures").glob("[0-9]/*.png")),
            ALBUM: sorted((folder / "pictures" / "album").glob("*.png")),
        }
        self.pictures[EXTRA] = self.pictures[NUMERALS]
        self.database: Database = address or folder / "home" / "identity.db"
        whole = [*IN_TABLES, *(IN_FILES if address is None else ())] if alone else []
        self.verbs = [*IN_GALLERY, *whole, *(FAVOURED * [one for one in IN_GALLERY if one.__name__ in favoured])]
        with self.no_error():
            self.home = bootstrap.open_home(home=folder / "home", database=address, search_on=workers)

    def write(self, **entry: Any) -> None:
        os.write(self.ledger, (json.dumps(entry) + "\n").encode())

    def work(self) -> None:
        while True:
            verb = self.verbs[self.rng.integers(len(self.verbs))]
            name = str(self.rng.choice(self.galleries))
            with self.no_error():
                there = [gallery.name for gallery, _ in self.home.galleries()]
                planned = verb(self, self.home.open_gallery(name)) if name in there else None
                if planned is not None:
                    self.attempt(verb.__name__, name, *planned)

    @contextmanager
    def no_error(self) -> Iterator[None]:
        """Every error but a server's that was killed is what is looked for; after any, nothing more is done."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 (it is told)
            told = isinstance(self.database, str) and isinstance(error, StoreError) and GONE.search(str(error))
            lost = told or isinstance(error, went(self.database))  # the program's error, or of a reading of our own
            self.write(**{"lost": str(error)} if lost else {"failed": traceback.format_exc()})
            time.sleep(600)

    def attempt(self, verb: str, gallery: str, effect: Effect, act: Callable[[], Any]) -> None:
        self.write(begin=verb, gallery=gallery, **effect)
        os.write(self.begun, LETTERS.get(verb, OTHER))
        try:
            said = act()
        except REFUSALS as error:
            self.write(refused=type(error).__name__, said=str(error))
        except StoreBusyError as error:
            self.write(busy=str(error))
            time.sleep(60)
        else:
            self.write(done=verb, said=said, state=world.observed(self.database))

    def some(self, things: Any, most: int = 4) -> list[Any]:
        things = list(things)
        count = min(len(things), int(self.rng.integers(1, most + 1)))
        return [things[at] for at in self.rng.permutation(len(things))[:count]]

    def new_name(self) -> str:
        return f"name-{self.rng.integers(10**6):06d}"

    def samples(self, gallery: Any) -> list[Any]:
        return list(gallery.samples.find(limit=10_000))


def _paths(samples: Any) -> list[str]:
    return [Path(one.source).name for one in samples]


def enroll(child: Child, gallery: Any) -> Planned:
    pool = child.pictures[gallery.name]
    first = pool[child.rng.integers(len(pool))]
    near = [path for path in pool if path.parent == first.parent]
    chosen = child.some(near, 12)
    label = None if gallery.name == ALBUM and child.rng.random() < 0.7 else f"person {first.parent.name}"
    share = 0.5 if gallery.name == NUMERALS else 0.0
    come = {path.name: label for path in chosen}
    given = {"label": label, "calibration_fraction": share, "on": child.workers}
    return {"come": come}, lambda: gallery.enroll(chosen, **given).images


def relabel(child: Child, gallery: Any) -> Planned:
    chosen = child.some(child.samples(gallery))
    name = None if child.rng.random() < 0.2 else child.new_name()
    named = dict.fromkeys(_paths(chosen), name)
    return {"named": named}, lambda: gallery.samples.relabel([one.id for one in chosen], name)


def remove(child: Child, gallery: Any) -> Planned:
    chosen = child.some(child.samples(gallery), 6)
    return {"gone": _paths(chosen)}, lambda: gallery.samples.remove([one.id for one in chosen])


def forget(child: Child, gallery: Any) -> Planned:
    held = child.samples(gallery)
    names = sorted({one.identity for one in held if one.identity is not None and one.identity.startswith("name")})
    if not names:
        return None
    name = names[child.rng.integers(len(names))]
    return {"gone": _paths(one for one in held if one.identity == name)}, lambda: gallery.samples.forget(name)


def calibrate(child: Child, gallery: Any) -> Planned:
    name, least = ("target_fpir", 0.05) if gallery.name == ALBUM else ("alpha", 0.22)
    rate = float(least + 0.06 * child.rng.random())  # no other calibration has it

    def set_thresholds() -> float:
        gallery.calibrate(**{name: rate})
        return rate

    return {"rest": True}, set_thresholds


def cluster(child: Child, gallery: Any) -> Planned:
    full = bool(child.rng.random() < 0.5)
    return {"rest": True}, lambda: gallery.clusters.run(eps=world.EPS, full=full)[1].id


def undo(child: Child, gallery: Any) -> Planned:
    return {"rest": True}, lambda: gallery.clusters.undo().id


def query(child: Child, gallery: Any) -> Planned:
    probes = child.some(child.pictures[gallery.name], 3)

    def ask() -> list[str]:
        answers = list(gallery.query(probes, k=3))
        return [Path(m.source).name for one in answers for region in one.regions for m in region.matches]

    return {}, ask


def doctor(child: Child, gallery: Any) -> Planned:
    def examine() -> list[list[str]]:
        return [[f.place, f.problem] for f in child.home.examine(rebuild=True) if not f.mended]

    return {}, examine


def people(child: Child, gallery: Any) -> Planned:
    from crashing.people import decision

    return decision(child, gallery)


def undo_decision(child: Child, gallery: Any) -> Planned:
    from crashing.people import take_back

    return take_back(child, gallery)


IN_GALLERY = [
    enroll, enroll, relabel, remove, remove, forget, calibrate, cluster, undo, query, doctor, undo_decision,
    undo_decision, *[people] * 5,
]  # fmt: skip
