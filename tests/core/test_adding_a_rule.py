"""A decision rule is added here, without touching the package, and serves a gallery like any other."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

sys.path.append(str(Path(__file__).parents[1] / "workflows"))

from worlds import World, around, world

from identity import documents
from identity.core.answers import Verdict
from identity.core.calibration import Calibration, ClassCalibration
from identity.core.errors import NotCalibratedError, UsageError
from identity.core.rules.table import RULES
from identity.documents.calibration import calibration_fields

LABELS = "abc"


@dataclass(frozen=True, slots=True)
class OneForAllFacts:
    pools_scores: ClassVar[bool] = False
    remark: ClassVar[str] = ""
    margin: float


class OneForAll:
    """One threshold for everybody: so many times the largest distance of a sample to the next of its identity."""

    name = "one-for-all"
    options = frozenset({"k"})
    ages = True

    def calibrate(self, evidence, options) -> Calibration:
        searched = evidence.gallery_samples()
        own = np.sort(evidence.own_distances(searched, k=2)[:, 1])  # itself, and the next one
        pooled = ClassCalibration(own, float(own[-1]) * 2)
        return Calibration(evidence.space, 1, self.name, OneForAllFacts(margin=2.0), {}, pooled, ratio=1.0)

    def summary(self, calibration: Calibration) -> str:
        return "one for all"

    def promise(self, calibration: Calibration) -> list[str]:
        return ["Nothing is promised,", "to anybody."]

    def fields(self, calibration: Calibration) -> dict[str, Any]:
        return asdict(calibration.facts_as(OneForAllFacts))

    def identity_fields(self, _calibration: Calibration, _identity: int, _samples: int, /) -> dict[str, Any]:
        return {}

    def facts_to_json(self, facts) -> Mapping[str, Any]:
        return asdict(facts)

    def facts_from_json(self, stored) -> OneForAllFacts:
        return OneForAllFacts(**stored)


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setitem(RULES, OneForAll.name, OneForAll())
    here = world(tmp_path)
    here.opened.enroll([image for label in LABELS for image in around(label, count=20, seed=1)])
    return here


def test_an_added_rule_sets_thresholds_that_a_query_decides_by(made: World) -> None:
    calibration = made.opened.calibrate(rule="one-for-all")
    for label in LABELS:
        (answer,) = made.opened.query(list(around(label, count=1, seed=5)))
        assert (answer.regions[0].verdict, answer.regions[0].identity) == (Verdict.KNOWN, label)
        assert answer.regions[0].candidates[0].threshold == calibration.pooled.threshold


def test_its_calibration_is_found_again_when_the_gallery_is_reopened(made: World) -> None:
    calibration = made.opened.calibrate(rule="one-for-all")
    found = made.reopened().calibration()
    assert (found.rule, found.facts, found.last_sample) == ("one-for-all", OneForAllFacts(2.0), 60)
    assert found.pooled.scores.tolist() == calibration.pooled.scores.tolist()
    assert not found.stale


def test_a_rule_whose_figures_age_is_stale_once_samples_were_added(made: World) -> None:
    made.opened.calibrate(rule="one-for-all")
    made.opened.enroll(list(around("a", count=1, seed=9)))
    assert made.opened.calibration().stale


def test_its_promise_and_its_json_are_in_the_documents(made: World) -> None:
    fields = calibration_fields(made.opened.calibrate(rule="one-for-all"))
    assert (fields["rule"], fields["margin"]) == ("one-for-all", 2.0)
    assert fields["promise"] == "Nothing is promised, to anybody."
    assert json.loads(json.dumps(documents.document("calibrate", fields)))["schema"] == "identity.calibrate/2"


def test_an_option_that_it_does_not_understand_is_refused_with_those_it_does(made: World) -> None:
    with pytest.raises(UsageError, match="rule 'one-for-all' does not understand --alpha: its options are --k"):
        made.opened.calibrate(rule="one-for-all", alpha=0.1)


def test_without_the_rule_its_thresholds_are_an_error_with_a_cure_and_not_a_traceback(
    made: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made.opened.calibrate(rule="one-for-all")
    monkeypatch.delitem(RULES, "one-for-all")
    said = "the rule 'one-for-all', which this version does not have: run 'identity calibrate -g"
    with pytest.raises(NotCalibratedError, match=said):
        made.reopened().calibration()
    with pytest.raises(UsageError, match="no decision rule 'one-for-all': choose one of conformal, target-far"):
        made.opened.calibrate(rule="one-for-all")


def test_an_option_of_another_rule_is_refused_by_the_usual_one(made: World) -> None:
    with pytest.raises(UsageError, match="'conformal' does not understand --target-fpir: its options are --alpha, --k"):
        made.opened.calibrate(target_fpir=0.01)
    with pytest.raises(UsageError, match=r"--alpha must be between 0 and 1, got 7"):
        made.opened.calibrate(alpha=7)
    with pytest.raises(UsageError, match="--k must be at least 1, got 0"):
        made.opened.calibrate(k=0)
    with pytest.raises(UsageError, match="go together"):
        made.opened.calibrate(target_far=0.1)
