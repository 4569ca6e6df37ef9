"""Relabelling and removing: who is left, and which thresholds no longer speak of what they were made from."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from identity.core.calibration import Calibration, ClassCalibration
from identity.core.errors import SpaceMismatchError
from identity.core.rules.conformal import calibrate
from identity.core.rules.target_far import TargetFarFacts
from identity.core.types import Role
from identity.store.galleries import SqlGalleries


@pytest.fixture
def calibrated(store, samples):
    store.add([*samples(0, 3, identity="a"), *samples(10, 3, identity="b")])
    store.add(samples(20, 2, identity="a", role=Role.CALIBRATION))
    scores = {identity: np.array([0.1, 0.2, np.inf], np.float32) for identity in store.identities()}
    store.put_calibration(calibrate(scores, space="s", k=1, alpha=0.4))
    return store


def _stale(store) -> set[str]:
    names = store.identities()
    return {names[identity] for identity, entry in store.calibration().classes.items() if entry.stale}


def test_a_calibration_comes_back_as_it_was_put(store, samples):
    store.add([*samples(0, 1, identity="a"), *samples(5, 1, identity="b")])
    a, b = store.identities()
    scores = np.array([0.1, 0.25, np.inf], np.float32)
    put = Calibration(
        space="s",
        k=5,
        rule="target-far",
        facts=TargetFarFacts(alpha=0.01, far_bound=0.001, fnmr=0.02),
        classes={a: ClassCalibration(scores, 0.25), b: ClassCalibration(scores[:0], np.inf, enough=False, stale=True)},
        pooled=ClassCalibration(scores, 0.125),
        ratio=0.7,
        created_at="2026-11-24T00:00:00+00:00",
        last_sample=2,
    )
    store.put_calibration(put)
    got = store.calibration()
    np.testing.assert_equal(_comparable(got), _comparable(put))
    assert got.classes[a].scores.dtype == np.float32


def _comparable(calibration: Calibration) -> dict[str, object]:
    put = {one.name: getattr(calibration, one.name) for one in fields(calibration)}
    classes = {id_: [getattr(entry, n) for n in entry.__slots__] for id_, entry in calibration.classes.items()}
    return put | {"classes": classes, "pooled": [calibration.pooled.scores, calibration.pooled.threshold]}


def test_there_is_no_calibration_until_one_is_put(store):
    assert store.calibration() is None


def test_a_new_calibration_replaces_the_old_one_and_is_fresh(calibrated):
    calibrated.remove([1])
    a, b = calibrated.identities()
    calibrated.put_calibration(calibrate({b: np.array([0.3, 0.4], np.float32)}, space="s", k=1, alpha=0.5))
    assert set(calibrated.calibration().classes) == {b}
    assert not calibrated.calibration().stale
    assert calibrated.calibration().of(a).enough is False


def test_a_calibration_of_another_space_is_refused(calibrated):
    made = calibrate({1: np.array([0.1], np.float32)}, space="other", k=1, alpha=0.5)
    with pytest.raises(SpaceMismatchError):
        calibrated.put_calibration(made)
    assert calibrated.calibration().space == "s"


def test_an_identity_that_is_gone_by_now_is_left_out_of_a_calibration(calibrated):
    scores = {identity: np.array([0.1, 0.2], np.float32) for identity in (*calibrated.identities(), 999)}
    calibrated.put_calibration(calibrate(scores, space="s", k=1, alpha=0.5))
    assert set(calibrated.calibration().classes) == set(calibrated.identities())


def test_adding_samples_makes_no_threshold_stale(calibrated, samples):
    calibrated.add(samples(100, 3, identity="a"))
    assert _stale(calibrated) == set()


def test_removing_a_sample_makes_its_identity_stale_and_no_other(calibrated):
    assert calibrated.remove([1]) == 1
    assert _stale(calibrated) == {"a"}


def test_removing_a_calibration_sample_makes_its_identity_stale(calibrated):
    assert calibrated.remove([7]) == 1
    assert _stale(calibrated) == {"a"}


def test_relabelling_makes_the_identity_left_behind_stale(calibrated):
    assert calibrated.relabel([4], "a") == 1
    assert _stale(calibrated) == {"b"}


def test_relabelling_to_the_same_identity_changes_nothing(calibrated):
    assert calibrated.relabel([1, 2], "a") == 0
    assert _stale(calibrated) == set()
    assert calibrated.search_state().superseded.tolist() == []


def test_relabelling_to_a_new_name_makes_the_identity_and_to_none_leaves_it_unnamed(calibrated):
    assert calibrated.relabel([1, 999], "Ada Lovelace") == 1
    assert calibrated.samples([1])[1].identity == "Ada Lovelace"
    assert calibrated.relabel([1], None) == 1
    assert calibrated.samples([1])[1].identity is None
    assert "Ada Lovelace" not in calibrated.identities().values()


def test_relabelling_no_sample_at_all_makes_no_identity(calibrated):
    assert calibrated.relabel([999], "nobody") == 0
    assert "nobody" not in calibrated.identities().values()


def test_an_identity_goes_with_its_last_sample_and_its_threshold_with_it(calibrated):
    calibrated.remove([4, 5])
    assert set(calibrated.identities().values()) == {"a", "b"}
    calibrated.remove([6])
    assert set(calibrated.identities().values()) == {"a"}
    assert set(calibrated.calibration().classes) == set(calibrated.identities())


def test_an_image_goes_with_its_last_sample_and_may_be_enrolled_again(database, gallery, calibrated, samples):
    images = SqlGalleries(database).counts(gallery).images
    assert calibrated.remove([1]) == 1
    assert SqlGalleries(database).counts(gallery).images == images - 1
    assert len(calibrated.add(samples(0, 1, identity="a"))) == 1


def test_removing_what_is_not_there_removes_nothing(calibrated):
    assert calibrated.remove([999]) == 0
    assert len(calibrated.find()) == 8


def test_every_write_adds_one_to_the_change_counter(store, samples, image):
    counted = [store.gallery.changes]
    store.add(samples(0, 3))
    counted.append(store.gallery.changes)
    store.add([], skipped=[(image(9), "no ink")])
    counted.append(store.gallery.changes)
    store.relabel([1], "x")
    counted.append(store.gallery.changes)
    store.remove([1])
    counted.append(store.gallery.changes)
    store.put_calibration(calibrate({2: np.array([0.1], np.float32)}, space="s", k=1, alpha=0.5))
    counted.append(store.gallery.changes)
    assert np.diff(counted).tolist() == [1] * 5
