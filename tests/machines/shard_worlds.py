"""A gallery of drawn people, workers that read its database, and what every search in it promises."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from search_oracle import Oracle, check
from started_clusters import Cluster

import identity
from identity.core.distance import unit_vectors
from identity.core.nearest import Sought
from identity.core.types import Box, NewSample, Role, SourceImage
from identity.workflows.shards.remote import held_by

SAMPLES, PEOPLE = 2_400, 300  # more than are searched without any shard
SOUGHT = Sought(2, 0.4, identities=5, samples=5)


def exact(vectors: np.ndarray) -> np.ndarray:
    """Vectors whose products float32 sums without any rounding, in whatever order: so that answers can be equal."""
    return (np.round(unit_vectors(vectors) * 1024) / 1024).astype(np.float32)


def new_samples(numbers: range, dim: int, *, name: str | None = None, seed: int = 0) -> list[NewSample]:
    rng = np.random.default_rng([seed, numbers.start])
    people = np.random.default_rng(5).normal(size=(PEOPLE, dim))
    whose = rng.integers(0, PEOPLE, len(numbers))
    vectors = exact(people[whose] + 0.7 * rng.normal(size=(len(numbers), dim)))
    named = [None if one % 9 == 0 else name or f"p{one}" for one in whose]
    return [
        NewSample(SourceImage("s", f"s/{at}", content=b"%032d" % at), Box(0, 0, 1, 1), vector, person, Role.GALLERY)
        for at, vector, person in zip(numbers, vectors, named, strict=True)
    ]


@contextmanager
def workers(scheduler: Cluster, home: Path, count: int = 2) -> Iterator[None]:
    scheduler.bring_to(0)
    for _ in range(count):
        start(scheduler, home)
    yield
    scheduler.bring_to(0)


def start(scheduler: Cluster, home: Path) -> None:
    scheduler.worker(home=scheduler.folder / "none", IDENTITY_DATABASE_URL=f"sqlite:///{home / 'identity.db'}")


def opened(home: Path, on: str | None) -> identity.Gallery:
    return identity.open_gallery("strokes", home=home, search_on=on)


def require_right(gallery: identity.Gallery, seed: int = 0) -> None:
    """Everything that a search promises, of what the table has now."""
    _, table = gallery.store.all_vectors(Role.GALLERY)
    rng = np.random.default_rng(seed)
    near = table.vectors[rng.integers(0, len(table.ids), 6)]
    probes = exact(np.concatenate([near, near[:3] + 0.05 * rng.normal(size=near[:3].shape)]))
    index, oracle = gallery.index, Oracle.of(table, probes)
    check(index.search(probes, sought=SOUGHT), oracle, SOUGHT)
    assert index.identities.tolist() == np.unique(table.identities).tolist()
    whose = rng.choice(index.identities, len(probes))
    truth = [[oracle.kth(at, one, k) for k in (1, 2, 3)] for at, one in enumerate(whose.tolist())]
    np.testing.assert_array_equal(index.own(probes, whose, k=3), np.array(truth, np.float32))


def shards_of(gallery: identity.Gallery) -> dict[str, int]:
    """How many shards in force each worker holds."""
    said = held_by(gallery.snapshots.workers, gallery.store.gallery.uuid)
    return {name: sum(map(len, one.numbers.values())) for name, one in said.items()}


def looks_for_ids() -> Callable[[str], list[int]]:
    """What says, on a worker that has no tests, every sample of a gallery that is in its memory."""

    def held_ids(uuid: str) -> list[int]:
        from identity.workflows.shards.holding import HERE, Certified

        wholes = [shard.whole for (token, _), shard in HERE.shards.items() if HERE.plans[token].gallery == uuid]
        return [int(one) for whole in wholes for one in (whole.rows if isinstance(whole, Certified) else whole).ids]

    return held_ids
