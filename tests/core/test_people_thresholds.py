"""Thresholds for people are what counting all pairs says, leave out what would flatter them, and own up to too few."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from identity.core import person_bootstrap as bootstrap
from identity.core.distance import unit_vectors
from identity.core.errors import NotCalibratedError, UsageError
from identity.core.model import OperatingPoint
from identity.core.pair_distances import COPY, LabelledFaces, count_pairs, faces_of
from identity.core.rules.people_calibration import calibrate_people
from identity.core.rules.people_points import Targets
from identity.core.rules.reference import Enrolled, reference_calibration
from identity.core.types import NO_ID, Labelled

POINTS = tuple(OperatingPoint(fmr, at) for fmr, at in ((1e-2, 0.75), (1e-3, 0.65), (1e-4, 0.57), (1e-5, 0.49)))


def crowd(people: int, each: int, *, dim: int = 24, spread: float = 0.35, seed: int = 0) -> tuple[np.ndarray, ...]:
    """Unit vectors of people around centres of their own, and whose they are."""
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(people), each)
    centres = unit_vectors(rng.normal(size=(people, dim)))
    return unit_vectors(centres[who] + spread * unit_vectors(rng.normal(size=(len(who), dim)))), who


def faces(vectors: np.ndarray, who: np.ndarray, photographs: np.ndarray | None = None) -> LabelledFaces:
    seen_in = np.arange(len(who)) if photographs is None else photographs
    labelled = Labelled(np.arange(len(who)), who.astype(np.int64), vectors)
    return faces_of(labelled, seen_in, np.random.default_rng(0))


def calibrated(made: LabelledFaces, *, points=(), targets: Targets | None = None, seed: int = 0):
    rng = np.random.default_rng(seed)
    targets, enrolled = targets or Targets(), Enrolled(len(made.identities), len(made.who))
    given = reference_calibration(points, space="s", enrolled=enrolled, targets=targets) if points else None
    return calibrate_people(made, space="s", targets=targets, given=given, rng=rng)


def test_the_pair_threshold_is_the_largest_that_keeps_the_false_match_rate() -> None:
    vectors, who = crowd(80, 4)
    distances = 1 - vectors.astype(np.float64) @ vectors.T
    apart = distances[np.triu(who[:, None] != who, 1)]
    point = calibrated(faces(vectors, who), targets=Targets(fmr=1e-3)).facts.verify
    assert point.n == len(apart)
    assert (apart <= point.threshold).mean() <= 1e-3
    assert (apart <= point.threshold + 2e-4).mean() > 1e-3 - 1e-4
    assert point.rate == pytest.approx((apart <= point.threshold).mean())
    assert point.low <= point.rate <= point.high
    assert point.enough


def test_the_search_threshold_accepts_as_many_left_out_people_as_leave_the_share_asked_for_to_new_ones() -> None:
    vectors, who = crowd(100, 5)
    made = calibrated(faces(vectors, who), targets=Targets(fpir=0.05))
    distances = 1 - vectors.astype(np.float64) @ vectors.T
    thresholds = np.array([made.classes[person].threshold for person in who])
    accepted = ((distances <= thresholds[None, :]) & (who[:, None] != who)).any(axis=1)
    assert accepted.mean() == pytest.approx(made.facts.search.rate)
    assert 0.03 < (accepted.sum() / 5 + 2) / 101 <= 0.05
    assert made.facts.search.promised_rate == pytest.approx((accepted.sum() / 5 + 2) / 101)
    assert made.rule == "own-pairs"


def test_scores_behind_typicality_are_distances_to_another_photograph_of_the_person() -> None:
    vectors, who = crowd(40, 4)
    made = calibrated(faces(vectors, who))
    distances = 1 - vectors.astype(np.float64) @ vectors.T
    np.fill_diagonal(distances, np.inf)
    for person in range(40):
        own = distances[np.ix_(who == person, who == person)].min(axis=1)
        assert made.classes[person].scores == pytest.approx(np.sort(own), abs=1e-6)


def test_two_faces_of_one_photograph_and_a_copied_photograph_are_no_mated_pair() -> None:
    vectors, who = crowd(3, 4)
    photographs = np.arange(12)
    photographs[1] = photographs[0]
    vectors[6] = vectors[5]  # the same photograph in another file
    seen = count_pairs(faces(vectors, who, photographs))
    assert seen.mated_histogram.sum() == 3 * 6 - 2
    assert np.isfinite(seen.mated).all()
    assert (seen.mated > COPY).all()


def test_a_photograph_that_is_alone_makes_no_mated_score() -> None:
    vectors, who = crowd(40, 3)
    who[-1] = 40
    made = calibrated(faces(vectors, who))
    assert made.classes[40].n == 0
    assert made.typicality_scores(40) is made.pooled.scores


def test_faces_without_a_name_take_no_part() -> None:
    vectors, who = crowd(40, 3)
    nameless = np.where(np.arange(len(who)) % 3 == 0, NO_ID, who)
    seen = faces(vectors, nameless)
    assert len(seen.who) == 80
    assert NO_ID not in seen.identities


@given(st.integers(2, 12), st.integers(1, 4), st.integers(0, 10**6))
@settings(max_examples=40, deadline=None)
def test_every_pair_of_people_is_counted_once_however_the_work_is_tiled(people: int, each: int, seed: int) -> None:
    vectors, who = crowd(people, each, seed=seed)
    order = np.random.default_rng(seed).permutation(len(who))
    whole = count_pairs(faces(vectors[order], who[order]))
    assert whole.histogram.sum() == (len(who) ** 2 - (np.bincount(who) ** 2).sum()) // 2
    assert whole.mated_histogram.sum() == people * each * (each - 1) // 2


def test_few_people_answer_by_reference_points_and_say_so() -> None:
    made = calibrated(faces(*crowd(5, 3)), points=POINTS)
    assert made.rule == "reference"
    assert made.facts.verify.reference is not None
    assert made.facts.verify.threshold == 0.65
    assert made.facts.uncertain.threshold == 0.75
    search = made.facts.search
    assert search.threshold == 0.65  # that of a pair: five people have a lower FPIR
    assert (search.low, search.high) == pytest.approx((0.005, 0.015), rel=0.01)  # of the 15 photographs, at most
    assert made.classes == {}


def test_many_pairs_of_few_people_set_the_pair_threshold_and_leave_the_search_to_reference_points() -> None:
    made = calibrated(faces(*crowd(12, 20)), points=POINTS)
    assert made.rule == "own-pairs"
    assert made.facts.verify.reference is None
    assert made.facts.search.reference is not None
    thresholds = [entry.threshold for entry in made.classes.values()]
    assert thresholds == pytest.approx([made.facts.search.threshold] * 12, rel=1e-6)


@pytest.mark.parametrize("crowded", [(1, 5), (5, 3)])
def test_few_people_and_no_reference_is_an_error_with_its_cure(crowded: tuple[int, int]) -> None:
    with pytest.raises(NotCalibratedError, match="enroll at least 30 people"):
        calibrated(faces(*crowd(*crowded)))


@pytest.mark.parametrize("wrong", [{"fmr": 0.0}, {"fmr": 0.5}, {"fpir": 1.0}, {"fpir": -0.1}])
def test_a_target_that_is_no_error_rate_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(UsageError, match=r"--target-(fmr|fpir) must be between 0 and"):
        Targets(**wrong)


def test_thresholds_are_shrunk_towards_the_pooled_one_by_sample_count() -> None:
    vectors, who = crowd(60, 3)
    crowded = unit_vectors(vectors[:1] + 0.35 * unit_vectors(np.random.default_rng(3).normal(size=(120, 24))))
    made = calibrated(faces(np.concatenate([vectors, crowded]), np.append(who, [0] * 120)))
    pooled = made.facts.search.threshold
    moved = {person: abs(entry.threshold / pooled - 1) for person, entry in made.classes.items()}
    assert max(moved[person] for person in range(1, 60)) < 0.1
    assert made.classes[0].enough
    assert not made.classes[1].enough


def test_the_same_seed_gives_the_same_thresholds_and_intervals() -> None:
    made = faces(*crowd(50, 4))
    one, other = calibrated(made).facts, calibrated(made).facts
    assert one == other


def test_strangers_fall_into_the_stated_interval_about_as_often_as_it_says() -> None:
    inside = 0
    for seed in range(20):
        vectors, who = crowd(160, 3, dim=16, seed=seed)
        ours = who < 80
        made = calibrated(faces(vectors[ours], who[ours]), targets=Targets(fpir=0.05), seed=seed)
        thresholds = np.array([made.classes[person].threshold for person in who[ours]])
        met = ((1 - vectors[~ours] @ vectors[ours].T) <= thresholds).any(axis=1).mean()
        inside += made.facts.search.low <= met <= made.facts.search.high
    assert inside >= 17


def test_photographs_of_one_person_do_not_make_an_interval_narrow() -> None:
    person = np.repeat(np.arange(40), 5)
    alone = bootstrap.search_rates(np.arange(200), accepted=10)
    alike = bootstrap.search_rates(person, accepted=10)
    assert alike[1] > alone[1]
