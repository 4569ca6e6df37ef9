"""A database that kept its calibrations by method answers the same after it was migrated to rules."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from store_factories import url_of

from identity.core.calibration import Calibration, ChosenPoint, Reference
from identity.core.errors import NotCalibratedError
from identity.core.rules.conformal import ConformalFacts
from identity.core.rules.people_points import PeopleThresholds
from identity.core.rules.target_far import TargetFarFacts
from identity.store import schema
from identity.store.galleries import SqlGalleries
from identity.store.samples import SampleStore
from identity.store.sqlite.database import Database

SCORES = np.array([0.1, 0.2, np.inf], "<f4")
GALLERIES = {  # name: model, method, alpha, FAR bound, FNMR
    "digits": ("digits", "mondrian-conformal", 0.01, None, None),
    "strangers": ("digits", "target-far", 0.05, 0.009, 0.02),
    "pairs": ("face-reid-0095", "own pairs, leave one out", 0.0, None, None),
    "few": ("face-reid-0095", "published, not calibrated here", 0.0, None, None),
    "other": ("somebodys-model", "published, not calibrated here", 0.0, None, None),
}
PURPOSES = ("verify", "doubt", "search")


@pytest.fixture
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database at the revision before rules, with a calibration of every method."""
    path = tmp_path / "identity.db"
    with monkeypatch.context() as before:
        before.setattr(schema, "REVISION", "0004")
        Database.open(url_of(path)).close()
    with closing(sqlite3.connect(path)) as connection, connection:
        for place, name in enumerate(GALLERIES, start=1):
            _write(connection, place, name)
    return path


def _write(connection: sqlite3.Connection, gallery: int, name: str) -> None:
    model, method, alpha, bound, fnmr = GALLERIES[name]
    connection.execute(
        "INSERT INTO gallery VALUES (?, ?, ?, ?, 'whole', 's', 4, 0, '')", (gallery, f"u{gallery}", name, model)
    )
    connection.execute("INSERT INTO identity VALUES (?, ?, 'Ada')", (gallery, gallery))
    connection.execute(
        "INSERT INTO calibration (gallery_id, space, metric, k, alpha, method, ratio, created_at, far_bound, fnmr, "
        "pooled_scores, pooled_threshold) VALUES (?, 's', 'cosine', 3, ?, ?, 0.7, '2026-01-01', ?, ?, ?, 0.3)",
        (gallery, alpha, method, bound, fnmr, SCORES.tobytes()),
    )
    connection.execute(
        "INSERT INTO calibration_class (identity_id, gallery_id, scores, threshold, enough, stale) "
        "VALUES (?, ?, ?, 0.25, 0, 1)",
        (gallery, gallery, SCORES[:2].tobytes()),
    )
    if alpha == 0:
        for n, purpose in enumerate(PURPOSES):
            connection.execute(
                "INSERT INTO people_threshold VALUES (?, ?, 0.01, ?, 0.009, 0.005, 0.02, 400, 40, 1, ?, 7)",
                (gallery, purpose, 0.5 + n / 10, "published" in method),
            )


def _read(path: Path) -> dict[str, Calibration | None]:
    database = Database.open(url_of(path))
    try:
        galleries = SqlGalleries(database)
        return {name: SampleStore(database, galleries.get(name)).calibration() for name in GALLERIES}
    finally:
        database.close()


def test_every_calibration_keeps_its_thresholds_scores_and_staleness(old: Path) -> None:
    for identity, made in enumerate(_read(old).values(), start=1):
        assert (made.space, made.k, made.ratio, made.created_at) == ("s", 3, 0.7, "2026-01-01")
        assert made.pooled.threshold == 0.3
        assert made.pooled.scores.tolist() == SCORES.tolist()
        entry = made.classes[identity]
        assert (entry.threshold, entry.enough, entry.stale) == (0.25, False, True)
        assert entry.scores.tolist() == SCORES[:2].tolist()


def test_methods_become_rules_with_what_only_they_know(old: Path) -> None:
    made = _read(old)
    assert [one.rule for one in made.values()] == ["conformal", "target-far", "own-pairs", "reference", "reference"]
    assert made["digits"].facts == ConformalFacts(0.01)
    assert made["strangers"].facts == TargetFarFacts(0.05, 0.009, 0.02)
    assert made["pairs"].facts == PeopleThresholds(*(_point(0.5 + n / 10, None) for n in range(3)))
    assert [one.last_sample for one in made.values()] == [None, None, 7, 7, 7]


def test_a_published_point_says_who_measured_it_where_that_is_known_and_else_that_it_is_not(old: Path) -> None:
    made = _read(old)
    known, unknown = made["few"].facts.verify, made["other"].facts.verify
    assert known == _point(0.5, Reference("the identity project", "4 million sampled non-mated pairs of LFW"))
    assert unknown == _point(0.5, Reference())
    assert "not stated" in unknown.reference.origin


def _point(threshold: float, reference: Reference | None) -> ChosenPoint:
    return ChosenPoint(0.01, threshold, 0.009, 0.005, 0.02, 400, 40, enough=True, reference=reference)


def test_a_rule_that_this_version_does_not_have_is_named_with_its_cure(old: Path) -> None:
    Database.open(url_of(old)).close()
    with closing(sqlite3.connect(old)) as connection, connection:
        connection.execute("UPDATE calibration SET rule = 'oracle'")
    with pytest.raises(NotCalibratedError, match=r"'digits' were set by the rule 'oracle'.*run 'identity calibrate"):
        _read(old)
