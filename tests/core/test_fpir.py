"""What a search threshold promises of strangers holds for strangers: synthetic people, exchangeable with those seen.

People have 1 photograph each, or 1 to 2, 3 or 5: unit vectors around centres of their own. The distances of one trial
are computed at once, by the code that calibrates a gallery.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from identity.core import person_bootstrap as bootstrap
from identity.core.calibration import ChosenPoint
from identity.core.distance import unit_vectors
from identity.core.errors import NotCalibratedError
from identity.core.pair_distances import faces_of
from identity.core.rules.people_calibration import calibrate_people
from identity.core.rules.people_points import Targets
from identity.core.types import Labelled

TRIALS, DIM, WITHIN = 500, 16, 0.5


@dataclass(frozen=True, slots=True)
class Trial:
    """The point chosen on some people, and how many of as many new people it accepts."""

    point: ChosenPoint
    fpir: float

    @property
    def inside(self) -> bool:
        return self.point.low - 1e-9 <= self.fpir <= self.point.high + 1e-9


def trial(people: int, *, fpir: float, most: int, seed: int) -> Trial:
    rng = np.random.default_rng([people, most, seed])
    each = rng.integers(1, most + 1, 2 * people)
    who = np.repeat(np.arange(2 * people), each)
    centres = rng.normal(size=(2 * people, DIM))
    vectors = unit_vectors((centres[who] + WITHIN * rng.normal(size=(len(who), DIM))).astype(np.float32))
    ours = who < people
    labelled = Labelled(np.arange(ours.sum()), who[ours].astype(np.int64), vectors[ours])
    made = calibrate_people(
        faces_of(labelled, np.arange(ours.sum()), rng), space="",
        targets=Targets(fmr=1e-5, fpir=fpir), rng=rng,
    )  # fmt: skip
    bounds = np.searchsorted(who[ours], np.arange(people))
    thresholds = np.array([made.classes[person].threshold for person in range(people)])
    near = np.minimum.reduceat(1 - vectors[~ours] @ vectors[ours].T, bounds, axis=1)
    accepted = (near <= thresholds).any(axis=1)
    share = np.bincount(who[~ours] - people, accepted) / each[people:]
    return Trial(made.facts.search, float(share.mean()))


@pytest.fixture(autouse=True)
def no_interval_of_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes most of a trial's time and says nothing of searches."""
    monkeypatch.setattr(bootstrap, "pair_rates", lambda *_, **__: (0.0, 1.0))


@pytest.mark.parametrize(
    ("people", "fpir", "most"), [(60, 0.05, 5), (100, 0.02, 1), (100, 0.05, 5), (200, 0.01, 3), (300, 0.01, 2)]
)
def test_500_trials_keep_the_rate_promised_and_lie_inside_the_interval(people: int, fpir: float, most: int) -> None:
    found = [trial(people, fpir=fpir, most=most, seed=seed) for seed in range(TRIALS)]
    rates = np.array([one.fpir for one in found])
    assert all(one.point.promised_rate <= fpir * (1 + 1e-6) for one in found)
    assert rates.mean() <= fpir + 2 * rates.std(ddof=1) / TRIALS**0.5
    assert np.mean([one.inside for one in found]) >= 0.93
    assert np.mean([one.point.high for one in found]) <= fpir + 6 * (2 * fpir / people) ** 0.5 + 4 / people


def test_too_few_people_for_the_target_accept_nobody_seen_and_say_what_can_be_promised() -> None:
    found = [trial(60, fpir=0.01, most=5, seed=seed) for seed in range(TRIALS)]
    assert all(one.point.rate == 0 and not one.point.enough and one.point.reference is None for one in found)
    assert all(one.point.promised_rate == pytest.approx(2 / 61) for one in found)
    assert np.mean([one.fpir for one in found]) <= 2 / 61
    assert np.mean([one.inside for one in found]) >= 0.93


def test_thirty_people_have_a_threshold_of_their_own_and_fewer_have_none() -> None:
    assert trial(30, fpir=0.001, most=1, seed=0).point.promised_rate == pytest.approx(2 / 31)
    with pytest.raises(NotCalibratedError, match="enroll at least 30 people"):
        trial(29, fpir=0.05, most=5, seed=0)


@pytest.mark.parametrize(("people", "each", "enough"), [(198, 20, False), (199, 20, True), (199, 1, False)])
def test_enough_takes_both_the_rule_of_30_and_people_for_the_promise(people: int, each: int, enough: bool) -> None:
    rng = np.random.default_rng(0)
    who = np.repeat(np.arange(people), each)
    vectors = unit_vectors((rng.normal(size=(people, 32))[who] + rng.normal(size=(len(who), 32))).astype(np.float32))
    made = faces_of(Labelled(np.arange(len(who)), who.astype(np.int64), vectors), np.arange(len(who)), rng)
    calibration = calibrate_people(made, space="", targets=Targets(), rng=rng)
    assert calibration.facts.search.enough is enough
