"""Shards as a worker holds them, without any worker between: answers, states and what is given up."""

from __future__ import annotations

from collections.abc import Iterator
from unittest.mock import patch

import numpy as np
import pytest
from search_oracle import KINDS, Oracle, check, hard_vectors

from identity.core import VERSION
from identity.core.errors import GalleryChangedError, WorkersError
from identity.core.nearest import Sought, merge
from identity.core.types import NO_ID, Labelled
from identity.indexes import choice
from identity.workflows.shards import holding
from identity.workflows.shards.plan import ShardPlan

PLAN = ShardPlan("a" * 32, "gallery", 3, (20, 40, 60, 77))
NUMBERS = range(len(PLAN.ends))


@pytest.fixture(autouse=True)
def alone() -> Iterator[None]:
    """Nothing is held before and after a test."""
    yield
    holding.drop(PLAN.gallery, [], None)


def drawn(kind: str, rng: np.random.Generator) -> Labelled:
    vectors = hard_vectors(kind, PLAN.ends[-1], 16, rng)
    return Labelled(np.arange(1, PLAN.ends[-1] + 1), rng.integers(-1, 12, PLAN.ends[-1]), vectors)


def reads(held: Labelled, *, at: int = PLAN.changes) -> holding.Read:
    def read(plan: ShardPlan, number: int, vouched: bool) -> tuple[int, Labelled]:
        after, last = plan.range_of(number)
        some = (held.ids > after) & (held.ids <= last)
        return at, Labelled(held.ids[some], held.identities[some], held.vectors[some])

    return read


def gone(ids: list[int]) -> np.ndarray:
    return np.array(ids, np.int64)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("sought", [Sought(1, 0.3, identities=3, samples=4), Sought(3, 0.9, identities=5, samples=2)])
def test_shards_that_look_for_the_nearest_first_answer_as_every_vector_does(kind, sought):
    rng = np.random.default_rng(11)
    held, superseded = drawn(kind, rng), gone([3, 4, 41, 77])
    probes = np.concatenate([held.vectors[:4], hard_vectors(kind, 8, 16, rng)])
    with patch.object(choice, "has_many", lambda *_shape: True):
        holding.make_ready(PLAN, NUMBERS, reads(held), 9, superseded)
    parts = [holding.search(PLAN.token, some, 9, probes, sought) for some in ([0, 1, 2], [3])]
    left = ~np.isin(held.ids, superseded)
    table = Labelled(held.ids[left], held.identities[left], held.vectors[left])
    check(merge(parts, k=sought.width), Oracle.of(table, probes), sought)


def test_states_of_a_gallery_are_searched_beside_each_other_and_old_ones_go():
    held = drawn("any", np.random.default_rng(1))
    for moment in range(4, 9):
        (standing,) = holding.make_ready(PLAN, [0], reads(held), moment, gone(list(range(1, moment))))
        assert standing.counts.sum() == 20 - (moment - 1)
        assert standing.length == 20
    sought = Sought(1, 2.0, samples=20)
    found = holding.search(PLAN.token, [0], 6, held.vectors[:1], sought)
    assert set(found.ids[found.ids != NO_ID].tolist()) == set(range(6, 21))
    assert holding.search(PLAN.token, [0], 4, held.vectors[:1], sought) is None
    assert holding.search(PLAN.token, [1], 6, held.vectors[:1], sought) is None
    assert holding.own(PLAN.token, [1], 6, held.vectors[:1], gone([1]), 1) is None


def test_a_shard_that_was_read_after_a_state_is_not_searched_for_it():
    held = drawn("any", np.random.default_rng(1))
    with pytest.raises(GalleryChangedError):
        holding.make_ready(PLAN, [0], reads(held, at=8), 7, gone([]))
    assert holding.make_ready(PLAN, [0], reads(held, at=8), 8, gone([]))


def test_what_is_kept_and_what_is_just_being_loaded_is_not_given_up():
    held = drawn("any", np.random.default_rng(1))
    holding.load(PLAN, NUMBERS, reads(held), vouched=False)
    holding.drop(PLAN.gallery, [PLAN.name], PLAN.changes + 1)
    holding.drop(PLAN.gallery, [], PLAN.changes)
    holding.drop("another", [], None)
    holding.release(PLAN.token, [2])
    assert holding.held(VERSION, PLAN.gallery).numbers == {PLAN.token: {0, 1, 3}}
    holding.drop(PLAN.gallery, [], PLAN.changes + 1)
    assert holding.held(VERSION, PLAN.gallery).plans == {}


def test_another_version_is_refused():
    with pytest.raises(WorkersError, match="install the same everywhere"):
        holding.held("0.0.1", PLAN.gallery)
