"""Naming a cluster, and taking that back, in a gallery of many samples of which others are named already.

    python scripts/bench/undoing.py --samples 100000 --cluster 500 --named 100

Vectors are random: a decision reads none of them. Seconds are the median of several decisions.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from reporting import arguments, report

from identity import bootstrap
from identity.core.clusters import LabelChanges, Run
from identity.core.distance import unit_vectors
from identity.core.types import Box, NewSample, Role, SourceImage
from identity.gallery import Gallery

AT_ONCE, REPEATS = 5_000, 5


def fill(gallery: Gallery, *, samples: int, cluster: int) -> None:
    """Samples without names, each run of `cluster` of them a cluster."""
    rng, dim = np.random.default_rng(0), gallery.store.gallery.dim
    added = []
    for start in range(0, samples, AT_ONCE):
        vectors = unit_vectors(rng.normal(size=(min(AT_ONCE, samples - start), dim)).astype(np.float32))
        added.append(gallery.store.add([_sample(start + row, vector) for row, vector in enumerate(vectors)]))
    labels = LabelChanges(np.concatenate(added), np.arange(samples) // cluster + 1, np.ones(samples, bool))
    run = Run("dbscan", "full", eps=0.4, min_samples=2, next_cluster=samples // cluster + 2)
    gallery.load_cluster_store().apply(run, labels, changes=gallery.store.gallery.changes)


def _sample(row: int, vector: np.ndarray) -> NewSample:
    image = SourceImage(f"{row}.png", f"{row}.png", content=b"%032d" % row, width=9, height=9)
    return NewSample(image, Box(0, 0, 9, 9), vector, None, Role.GALLERY, crop=b"crop")


def seconds(acts: list[Callable[[], object]]) -> float:
    taken = []
    for act in acts:
        began = time.perf_counter()
        act()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--samples", type=int, default=100_000)
    parser.add_argument("--cluster", type=int, default=500)
    parser.add_argument("--named", type=int, default=100, help="clusters that are named before")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, bootstrap.open_home(home=Path(folder)) as home:
        gallery = home.open_gallery(home.create_gallery("many", model="digits").name)
        fill(gallery, samples=asked.samples, cluster=asked.cluster)
        people = gallery.people
        for number in range(1, asked.named + 1):
            people.name(f"c{number}", f"person {number}")
        fresh = range(asked.named + 1, asked.named + 1 + REPEATS)
        rows = [{"what": "name", "s": seconds([lambda n=n: people.name(f"c{n}", f"new {n}") for n in fresh])}]
        rows.append({"what": "undo the latest", "s": seconds([people.undo] * REPEATS)})
        old = [one.id for one in people.decisions()][:REPEATS]
        rows.append({"what": "undo an old one", "s": seconds([lambda n=n: people.undo(n) for n in old])})
        rows.append({"what": "list decisions", "s": seconds([people.decisions] * REPEATS)})
    report("undoing", rows, file=asked.json, samples=asked.samples, cluster=asked.cluster, named=asked.named)


if __name__ == "__main__":
    main()
