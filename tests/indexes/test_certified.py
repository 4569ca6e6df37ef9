"""The certified search against looking at every vector: the same identities, samples, distances and verdicts."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from search_oracle import KINDS, Oracle, check, hard_vectors

from identity.core.calibration import Calibration, ClassCalibration
from identity.core.distance import unit_vectors
from identity.core.nearest import Nearest, Sought, join
from identity.core.ports import gather
from identity.core.rules.conformal import ConformalFacts
from identity.core.scan_bounds import Question, ScanBound, horizons, radius
from identity.core.types import Labelled, Vectors
from identity.core.verdict import decide
from identity.indexes import certified, estimated
from identity.indexes.certified import Certified
from identity.indexes.codes import Codes
from identity.indexes.combined import Combined
from identity.indexes.flat import Flat

DATA = Path(os.environ.get("IDENTITY_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))
FACES = DATA / "faces" / "lfw" / "embeddings_face_reid_0095.npz"


def coded(labelled: Labelled) -> Certified:
    rows = Flat.over(labelled)
    return Certified.over(rows, Codes.of(rows.vectors))


def uncoded(labelled: Labelled) -> Certified:
    return Certified.over(Flat.over(labelled))


def with_dead(labelled: Labelled) -> Certified:
    """Every sample twice, once dead under the next identity."""
    dead = labelled.ids + int(labelled.ids.max()) + 1
    ids, identities = np.append(labelled.ids, dead), np.append(labelled.identities, np.roll(labelled.identities, 1))
    return coded(Labelled(ids, identities, np.tile(labelled.vectors, (2, 1)))).without(dead)


def in_parts(labelled: Labelled) -> Combined:
    early = np.arange(len(labelled.ids)) % 3 > 0
    return Combined([coded(gather(labelled, early)), uncoded(gather(labelled, ~early))])


ENGINES = [coded, uncoded, with_dead, in_parts]


@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=60, deadline=None)
@given(
    kind=st.sampled_from(KINDS),
    n=st.integers(1, 120),
    people=st.integers(1, 30),
    dim=st.sampled_from([1, 3, 16, 33]),
    k=st.integers(1, 5),
    reach=st.sampled_from([0.0, 0.1, 0.7, "distance", "below", "above", np.inf]),
    identities=st.integers(0, 4),
    samples=st.integers(0, 6),
    best=st.sampled_from([(1, 2), (4, 16), (64, 512)]),
    many=st.sampled_from([1, 3, 8]),
    tried=st.sampled_from([1, 10, 2048]),
    portion=st.sampled_from([1, 300, 1 << 24]),
    seed=st.integers(0, 2**31),
)
def test_finds_what_looking_at_every_vector_finds(
    engine, kind, n, people, dim, k, reach, identities, samples, best, many, tried, portion, seed
) -> None:
    rng = np.random.default_rng(seed)
    vectors = hard_vectors(kind, n, dim, rng)
    held = Labelled(np.sort(rng.choice(10 * n, n, replace=False)), rng.integers(-1, people, n), vectors)
    probes = np.concatenate([vectors[rng.integers(0, n, 2)], hard_vectors(kind, 2, dim, rng)])
    oracle = Oracle.of(held, probes)
    sought = Sought(k, _reach(reach, oracle, rng), identities, samples)
    sizes = {"BEST": best, "MANY_PROBES": many, "PORTION_ESTIMATES": portion}
    with patch.multiple(certified, **sizes), patch.object(estimated, "TRIED", tried):
        check(engine(held).search(probes, sought=sought), oracle, sought)


def _reach(reach: float | str, oracle: Oracle, rng: np.random.Generator) -> float | np.ndarray:
    """A number, or for each probe the distance of a sample, or its neighbour among the float32 numbers."""
    if not isinstance(reach, str):
        return reach
    chosen = rng.integers(0, oracle.distances.shape[1], len(oracle.distances))
    distances = oracle.distances[np.arange(len(chosen)), chosen]
    towards = {"distance": distances, "below": np.float32(-1), "above": np.float32(9)}[reach]
    return np.nextafter(distances, towards).astype(np.float64)


@settings(max_examples=60, deadline=None)
@given(kind=st.sampled_from(KINDS), dim=st.sampled_from([1, 7, 64, 300]), seed=st.integers(0, 2**31))
def test_no_estimate_is_farther_from_the_product_than_proven(kind: str, dim: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    vectors, probes = hard_vectors(kind, 50, dim, rng), hard_vectors(kind, 8, dim, rng)
    codes = Codes.of(vectors)
    estimates, places, errors = codes.nearest(probes, 50)
    exact = np.take_along_axis(probes.astype(np.float64) @ vectors.astype(np.float64).T, places, 1)
    assert (np.abs(estimates - exact) <= errors[:, None]).all()
    assert codes.bound.length >= np.linalg.norm(vectors.astype(np.float64), axis=1).max()
    itself = ScanBound.of_vectors(vectors)
    assert itself.length >= np.linalg.norm(vectors.astype(np.float64), axis=1).max()
    assert (np.abs((probes @ vectors.T)[np.arange(8)[:, None], places] - exact) <= itself.errors(probes)[:, None]).all()


@pytest.mark.parametrize("distance", [0.0, 2.0**-24, 0.3, 1.0, 1.9999999, 2.0])
def test_whatever_is_not_above_the_radius_of_a_distance_is_beyond_it(distance: float) -> None:
    for errors in (np.zeros(1), np.full(1, 1e-3), np.full(1, 1e-7)):
        least = radius(errors, distance)
        assert (horizons(np.full(1, least), errors) >= np.float32(distance)).all()


def test_without_either_residual_the_bound_would_be_refuted() -> None:
    rng = np.random.default_rng(0)
    vectors, probes = hard_vectors("any", 2000, 4, rng), hard_vectors("any", 200, 4, rng)
    codes = Codes.of(vectors)
    estimates, places, _ = codes.nearest(probes, 2000)
    exact = np.take_along_axis(probes.astype(np.float64) @ vectors.astype(np.float64).T, places, 1)
    question = Question.of(probes, codes.scales)
    for bound, asked in (
        (replace(codes.bound, residual=0.0), question),
        (codes.bound, replace(question, residuals=np.zeros(200))),
    ):
        assert (np.abs(estimates - exact) > bound.errors_of_codes(probes, asked)[:, None]).any()


def test_own_distances_are_those_of_the_identity_alone() -> None:
    rng = np.random.default_rng(0)
    held = Labelled(np.arange(90), rng.integers(-1, 20, 90), hard_vectors("duplicates", 90, 16, rng))
    probes, who = hard_vectors("any", 40, 16, rng), rng.integers(0, 25, 40)
    oracle = Oracle.of(held, probes)
    expected = [[oracle.kth(probe, int(who[probe]), k) for k in (1, 2, 3)] for probe in range(40)]
    for engine in ENGINES:
        assert engine(held).own(probes, who, k=3).tolist() == expected


@pytest.mark.skipif(not FACES.exists(), reason="no faces/lfw")
@pytest.mark.parametrize("at_once", [7, 400])  # through the codes, and by matrix products
def test_verdicts_about_real_faces_are_those_of_looking_at_every_vector(at_once: int) -> None:
    stored = np.load(FACES)
    vectors: Vectors = unit_vectors(stored["emb"].astype(np.float32))
    people, who = np.unique([name.split("/")[0] for name in stored["files"].tolist()], return_inverse=True)
    asked = np.random.default_rng(0).permutation(len(vectors)) < 400
    held = Labelled(np.flatnonzero(~asked), who[~asked] + 1, vectors[~asked])
    scores = np.sort(np.random.default_rng(1).uniform(0.3, 0.6, len(people) + 1).astype(np.float32))
    pooled = ClassCalibration(scores, 0.567)
    wider = {who_ + 1: ClassCalibration(scores, float(scores[who_])) for who_ in range(0, len(people), 2)}
    calibration = Calibration("s", 1, "conformal", ConformalFacts(0.01), wider, pooled, ratio=0.9)
    sought = Sought(1, calibration.reach, identities=3, samples=5)
    probes, engine = vectors[asked], coded(held)
    parts = [np.arange(low, min(low + at_once, len(probes))) for low in range(0, len(probes), at_once)]
    found = join([engine.search(probes[part], sought=sought) for part in parts], parts)
    oracle = Oracle.of(held, probes)
    identities = np.unique(held.identities)
    order = np.argsort(held.identities, kind="stable")
    starts = np.searchsorted(held.identities[order], identities)
    least = np.minimum.reduceat(oracle.distances[:, order], starts, axis=1)
    every = Nearest.everything(identities, least[:, :, None], np.zeros((*least.shape, 1), np.int64))
    ours, theirs = decide(found, calibration), decide(every, calibration)
    assert ours.codes.tolist() == theirs.codes.tolist()
    assert len(set(ours.codes.tolist())) == 3
    for probe in range(len(ours)):
        shown, expected = ours.order(probe)[:3], theirs.order(probe)[:3]
        assert ours.identities[shown].tolist() == theirs.identities[expected].tolist()
        assert ours.distances[shown].tolist() == theirs.distances[expected].tolist()


def test_a_probe_that_the_first_list_settles_is_not_looked_for_again() -> None:
    vectors = unit_vectors(np.random.default_rng(4).normal(size=(600, 16)))
    labelled = Labelled(np.arange(600), np.arange(600) // 3, vectors)
    with patch.object(Certified, "_better", side_effect=AssertionError), patch.object(
        Certified, "_everything", side_effect=AssertionError
    ):
        found = coded(labelled).search(vectors[:1], sought=Sought(reach=1e-3, identities=2, samples=2))
    assert 0 in found.ids[:, 0]
