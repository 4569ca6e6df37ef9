"""A gallery whose shards workers hold is answered as by looking at every vector, whatever happens to workers or rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from clusters import LONG_S, Cluster
from search_oracle import Oracle, check

import identity
from identity.core.distance import unit_vectors
from identity.core.errors import UsageError, WorkersError
from identity.core.nearest import Sought
from identity.core.types import Box, NewSample, Role, SourceImage
from identity.machines import connecting
from identity.workflows.shards.plan import assigned
from identity.workflows.shards.remote import ask_all, held_by
from identity.workflows.shards.tier import SHARDS_EACH

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


@pytest.fixture
def filled(home: Callable[[str], Path]) -> Path:
    """A home whose gallery has samples of many people, some without a name."""
    there = home("filled")
    with identity.open_gallery("strokes", home=there) as gallery:
        gallery.store.add(new_samples(range(SAMPLES), gallery.store.gallery.dim))
    return there


@pytest.fixture
def reading(scheduler: Cluster, filled: Path) -> Iterator[Cluster]:
    """Two workers that read the home's database."""
    with workers(scheduler, filled):
        yield scheduler


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


def test_answers_are_those_of_every_vector_after_adding_relabelling_and_removing(reading, filled):
    with opened(filled, reading.address) as gallery, opened(filled, None) as local:
        dim = gallery.store.gallery.dim
        require_right(gallery)
        assert sorted(shards_of(gallery).values()) == [SHARDS_EACH, SHARDS_EACH]
        gallery.store.add(new_samples(range(SAMPLES, SAMPLES + 30), dim))
        require_right(gallery, 1)
        gallery.store.relabel(list(range(1, 40)), "somebody else")
        require_right(gallery, 2)
        gallery.store.remove(list(range(30, 60)))
        require_right(gallery, 3)
        probes = new_samples(range(900, 920), dim)
        asked = np.stack([one.vector for one in probes])
        here, there = (one.index.search(asked, sought=SOUGHT) for one in (local, gallery))
        for place in range(len(asked)):
            rows = [slice(one.offsets[place], one.offsets[place + 1]) for one in (here, there)]
            near = [np.sort(one.distances[row].ravel())[:5].tolist() for one, row in zip((here, there), rows, strict=True)]
            assert near[0] == near[1]


def test_a_second_program_finds_the_shards_loaded(reading, filled):
    with opened(filled, reading.address) as gallery:
        require_right(gallery)
        before = gallery.store.index_files.in_force()
    with opened(filled, reading.address) as gallery:
        require_right(gallery)
        assert gallery.store.index_files.in_force() == before


def test_what_a_killed_worker_held_is_loaded_by_another(reading, filled):
    with opened(filled, reading.address) as gallery:
        require_right(gallery)
        before = gallery.store.index_files.in_force()
        gallery.store.relabel(list(range(1, 40)), "somebody else")  # in the shards under another name
        require_right(gallery)
        reading.started[-1].kill()
        require_right(gallery, 1)
        assert list(shards_of(gallery).values()) == [2 * SHARDS_EACH]
        assert gallery.store.index_files.in_force() == before


def test_a_worker_that_comes_takes_shards(reading, filled):
    with opened(filled, reading.address) as gallery:
        require_right(gallery)
        start(reading, filled)
        gallery.store.relabel([1], "somebody else")
        require_right(gallery)
        assert sorted(shards_of(gallery).values()) == [2, 3, 3]


def test_a_program_that_asks_where_shards_were_asks_again(reading, filled):
    with opened(filled, reading.address) as first, opened(filled, reading.address) as second:
        require_right(first)
        index = first.index
        start(reading, filled)
        require_right(second)
        assert first.index is index
        require_right(first)


def test_who_is_forgotten_is_in_no_memory(reading, filled):
    with opened(filled, reading.address) as gallery:
        require_right(gallery)
        gone = [one.id for one in gallery.store.find(identity="p7")]
        assert gone
        gallery.samples.forget("p7")
        uuid = gallery.store.gallery.uuid
        held = ask_all(gallery.snapshots.workers, looks_for_ids(), uuid)
        assert not set(gone).intersection(*held.values())
        assert sum(map(len, held.values())) == SAMPLES - len(gone)
        require_right(gallery)


def test_a_worker_without_the_database_says_so(scheduler, filled, tmp_path):
    scheduler.bring_to(0)
    scheduler.worker(home=scheduler.folder / "none", IDENTITY_DATABASE_URL=f"sqlite:///{tmp_path / 'nothing.db'}")
    with (
        opened(filled, scheduler.address) as gallery,
        pytest.raises(WorkersError, match="cannot read .*set IDENTITY_DATABASE_URL"),
    ):
        require_right(gallery)
    assert not (tmp_path / "nothing.db").exists()
    scheduler.bring_to(0)


def test_a_copy_that_is_behind_is_refused(scheduler, filled, tmp_path):
    copy = tmp_path / "copy.db"
    with identity.open_home(home=filled) as there:
        there.backup(copy)
    with opened(filled, None) as gallery:
        gallery.store.relabel([1], "somebody else")
    scheduler.bring_to(0)
    scheduler.worker(home=scheduler.folder / "none", IDENTITY_DATABASE_URL=f"sqlite:///{copy}")
    with opened(filled, scheduler.address) as gallery, pytest.raises(WorkersError, match="older or another copy"):
        require_right(gallery)
    scheduler.bring_to(0)


def test_where_nobody_answers_one_line_says_it(filled, monkeypatch):
    began = time.monotonic()
    monkeypatch.setattr(connecting, "CONNECT_S", 1)
    with opened(filled, "dask://127.0.0.1:9") as gallery, pytest.raises(WorkersError, match="no Dask scheduler"):
        require_right(gallery)
    with opened(filled, "somewhere") as gallery, pytest.raises(UsageError, match="--search-on somewhere"):
        require_right(gallery)
    assert time.monotonic() - began < LONG_S


@pytest.mark.parametrize("count", [1, 2, 3, 7, 8])
def test_shards_lie_evenly_and_stay_where_they_can(count):
    held = {"a": frozenset(range(count)), "b": frozenset(), "c": frozenset({0})}
    shares = assigned(count, held)
    sizes = [len(shares.get(name, [])) for name in held]
    assert sorted(number for numbers in shares.values() for number in numbers) == list(range(count))
    assert max(sizes) - min(sizes) <= 1
    again = {name: frozenset(shares.get(name, ())) for name in held}
    assert assigned(count, again) == shares
