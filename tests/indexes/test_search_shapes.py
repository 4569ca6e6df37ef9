"""Galleries that a search must neither answer wrongly nor look through whole; and its two ways for few and for many."""

from __future__ import annotations

from unittest.mock import patch

import numpy as np
import pytest
from search_oracle import KINDS, Oracle, check, hard_vectors
from test_certified import coded, uncoded

from identity.core.distance import unit_vectors
from identity.core.nearest import Sought
from identity.core.types import Labelled
from identity.indexes import certified


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("towards", [-1, 0, 9])
def test_many_probes_find_through_matrix_products_what_few_find_through_codes(kind: str, towards: int) -> None:
    rng = np.random.default_rng(0)
    held = Labelled(np.arange(700), rng.integers(-1, 90, 700), hard_vectors(kind, 700, 16, rng))
    probes = np.concatenate([held.vectors[:10], hard_vectors(kind, 10, 16, rng)])
    oracle = Oracle.of(held, probes)
    at = oracle.distances[:, 5]
    reach = at if towards == 0 else np.nextafter(at, np.float32(towards))
    sought, engine = Sought(2, reach.astype(np.float64), identities=3, samples=5), coded(held)
    with patch.object(certified, "MANY_PROBES", 1):
        check(engine.search(probes, sought=sought), oracle, sought)
    for low in range(0, 20, 4):
        asked = slice(low, low + 4)
        found = engine.search(probes[asked], sought=sought.of(asked))
        check(found, Oracle(held, oracle.distances[asked]), sought.of(asked))


def test_an_identity_with_fewer_samples_than_count_is_shown_after_those_that_have_enough() -> None:
    rng = np.random.default_rng(0)
    who = np.append(np.repeat([1, 2], 5), np.arange(3, 400))
    held = Labelled(np.arange(len(who)), who, hard_vectors("any", len(who), 16, rng))
    probes = hard_vectors("any", 20, 16, rng)
    for engine in (coded, uncoded):
        sought = Sought(5, 0.3, identities=3, samples=2)
        found = engine(held).search(probes, sought=sought)
        check(found, Oracle.of(held, probes), sought)
        assert len(found.identities) < 20 * 10  # and nobody looks at all of the others


def test_one_person_with_most_of_the_samples_hides_nobody_and_is_not_listed_whole() -> None:
    rng = np.random.default_rng(0)
    who = np.append(np.zeros(3000, np.int64), np.arange(1, 500))
    near = hard_vectors("any", 1, 16, rng) + 0.01 * rng.normal(size=(3000, 16))
    held = Labelled(np.arange(len(who)), who, unit_vectors(np.concatenate([near, hard_vectors("any", 499, 16, rng)])))
    probes = held.vectors[:12]
    oracle = Oracle.of(held, probes)
    for engine in (coded, uncoded):
        sought = Sought(1, 0.3, identities=3, samples=5)
        with patch.object(certified, "BEST", (4, 16)):
            found = engine(held).search(probes, sought=sought)
        check(found, oracle, sought)
        assert len(found.identities) < 12 * 20
