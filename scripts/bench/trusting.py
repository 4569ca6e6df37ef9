"""What the promises of the store cost: syncing while enrolling, the checks at opening, the confirmation of a verdict.

    python scripts/bench/trusting.py --images 10000 --repeats 5 --json trusting.json

- durable: enrolling MNIST's first images as it is, against the same run in which SQLite and Python sync nothing.
- opening: the checks of an index file of 100,000 samples (footer, length, crc32 of ids and slices), and all of opening;
  beside it one of 5,000 identities, whose codes are added up.
- confirming: of one known verdict, the samples that it shows and stands on are read from the SQLite table of 100,000
  samples, crc32 checked, and compared; beside it the whole answer from the vector on.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from enrolling import subset, train_images
from reporting import against, arguments, interleaved, report

from identity import bootstrap
from identity.core.claims import nearest_samples
from identity.core.distance import unit_vectors
from identity.core.types import Box, GalleryRecord, Labelled, NewSample, Region, Role, SourceImage
from identity.gallery import Gallery
from identity.indexes import snapshot
from identity.store.sqlite import engine
from identity.workflows.confirmation import grounds, hold
from identity.workflows.describe import Described
from identity.workflows.query import answer_regions

SAMPLES, IDENTITIES, NOISE, SHOWN = 100_000, 10, 0.5, 5
PEOPLE = 5_000
BATCH = 5_000
CALLS = 200


@contextmanager
def nothing_synced() -> Iterator[None]:
    """The same program on a disk that is believed without asking."""
    pragmas = ("synchronous=OFF", *engine._PRAGMAS[1:])
    with patch.object(os, "fsync", lambda _file: None), patch.object(engine, "_PRAGMAS", pragmas):
        yield


def durable_row(file: Path, folder: Path, *, repeats: int) -> dict[str, Any]:
    """Enrolling, synced and not, in turns, each time into a gallery of its own."""
    turns = count()
    bootstrap.open_home(home=folder / "home").close()  # the gallery that ships is installed before

    def enroll() -> None:
        with bootstrap.open_home(home=folder / "home") as home:
            gallery = home.create_gallery(f"turn {next(turns)}")
            home.open_gallery(gallery.name).enroll([file], calibration_fraction=0.1)

    def enroll_unsynced() -> None:
        with nothing_synced():
            enroll()

    took = interleaved({"durable": enroll, "unsynced": enroll_unsynced}, repeats=repeats)
    return {"what": "enrolling MNIST"} | against(took, "durable", "unsynced")


def large_gallery(folder: Path, dim: int) -> Gallery:
    """A calibrated gallery of drawn vectors in a real database, its index file written."""
    directions = unit_vectors(np.random.default_rng(0).normal(size=(IDENTITIES, dim)).astype(np.float32))
    home = bootstrap.open_home(home=folder / "large")
    gallery = home.open_gallery(home.create_gallery("large").name)
    for start in range(0, SAMPLES + BATCH, BATCH):
        role = Role.GALLERY if start < SAMPLES else Role.CALIBRATION
        gallery.store.add(_drawn(directions, start, role))
    gallery.calibrate(alpha=0.1)
    return gallery


def _drawn(directions: np.ndarray, start: int, role: Role) -> list[NewSample]:
    rng, box = np.random.default_rng(start + 1), Box(0, 0, 1, 1)
    who = np.arange(start, start + BATCH) % len(directions)
    noise = unit_vectors(rng.normal(size=(BATCH, directions.shape[1])).astype(np.float32))
    vectors = unit_vectors(directions[who] + NOISE * noise)
    images = (SourceImage("drawn", f"drawn/{start + n}", content=b"%032d" % (start + n)) for n in range(BATCH))
    return [NewSample(image, box, vectors[n], f"p{who[n]}", role) for n, image in enumerate(images)]


def opening_rows(gallery: Gallery) -> list[dict[str, Any]]:
    """The checks alone, and all of opening."""
    state = gallery.store.search_state(gallery.snapshots.held(gallery.store.gallery))
    assert state is not None
    assert state.snapshot is not None
    folder: Path = gallery.snapshots.folder  # type: ignore[attr-defined]
    file, vouched = snapshot.path_of(folder, state.snapshot.gallery, state.snapshot.name), state.snapshot
    checks = _milliseconds(lambda: snapshot._read_tail(file, vouched))
    whole = _milliseconds(lambda: snapshot.open_snapshot(folder, vouched))
    what = f"index file of {vouched.length} x {vouched.dim}"
    return [{"what": f"{what}: checks", "ms": checks}, {"what": f"{what}: opening in all", "ms": whole}]


def coded_row(folder: Path, gallery: GalleryRecord, *, dim: int) -> dict[str, Any]:
    """Opening the index file of many people, with its codes."""
    rng = np.random.default_rng(1)
    vectors = unit_vectors(rng.standard_normal((SAMPLES, dim), np.float32))
    labelled = Labelled(np.arange(1, SAMPLES + 1), rng.integers(1, PEOPLE + 1, SAMPLES), vectors)
    vouched = snapshot.write(folder, replace(gallery, dim=dim), labelled, last_id=SAMPLES)
    ms = _milliseconds(lambda: snapshot.open_snapshot(folder, vouched))
    return {"what": f"index file of {SAMPLES} x {dim}, {PEOPLE} identities: opening in all", "ms": ms}


def confirming_rows(gallery: Gallery) -> list[dict[str, Any]]:
    """The confirmation alone, and the whole answer."""
    store, context = gallery.store, gallery.search_context()
    probe = store.all_vectors(Role.CALIBRATION)[1].vectors[:1]
    found, decisions = next(iter(context.decisions(probe, k=SHOWN)))
    assert decisions.codes.tolist() == [2], "the probe is not known"
    claims = nearest_samples(found, k=SHOWN).beside(grounds(found, decisions))
    region = [Described(Region(Box(0, 0, 1, 1)), vector=probe[0])]
    alone = _milliseconds(lambda: hold(probe, claims, store))
    whole = _milliseconds(lambda: list(answer_regions(region, store, gallery.search_context, k=SHOWN)))
    what = f"known verdict among {SAMPLES} samples of {IDENTITIES} identities"
    return [{"what": f"{what}: confirmation", "ms": alone}, {"what": f"{what}: the whole answer", "ms": whole}]


def _milliseconds(call: Callable[[], object]) -> float:
    """The median of many calls."""
    took = []
    for _ in range(CALLS):
        start = time.perf_counter()
        call()
        took.append(1000 * (time.perf_counter() - start))
    return statistics.median(took)


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = subset(train_images(asked.data / "digits" / "mnist"), folder, images=asked.images)
        durable = durable_row(file, folder, repeats=asked.repeats)
        gallery = large_gallery(folder, dim=128)
        times = [*opening_rows(gallery), *confirming_rows(gallery)]
        times += [coded_row(folder / f"coded-{dim}", gallery.store.gallery, dim=dim) for dim in (128, 512)]
        gallery.close()
    report("trusting-durable", [durable], file=None)
    report("trusting", times, file=asked.json, repeats=asked.repeats, durable=durable)


if __name__ == "__main__":
    main()
