"""A gallery that was changed or damaged: thresholds grow stale, and what was removed is never found again."""

from __future__ import annotations

from pathlib import Path

import pytest
from worlds import World, calibrated_world, probes

from identity.core.types import Role
from identity.workflows import snapshots as searching


@pytest.fixture
def calibrated(tmp_path: Path) -> World:
    return calibrated_world(tmp_path)


def test_removing_or_relabelling_makes_thresholds_stale_and_adding_does_not(calibrated: World) -> None:
    opened = calibrated.opened
    opened.enroll(probes("a", 5))
    assert not opened.calibration().stale
    opened.samples.relabel([sample.id for sample in opened.store.find(identity="b", limit=1)], "a")
    assert opened.calibration().stale
    opened.calibrate(alpha=0.05)
    assert not opened.calibration().stale
    opened.samples.remove([sample.id for sample in opened.store.find(identity="c", limit=1)])
    assert opened.calibration().stale


def test_a_removed_sample_is_never_found_again_and_in_no_index_file(calibrated: World) -> None:
    opened = calibrated.opened
    probe = probes("c", 1)
    first = next(iter(opened.query(probe))).regions[0].matches[0].sample
    _, labelled = opened.store.all_vectors(Role.GALLERY)
    vector = labelled.vectors[labelled.ids == first].tobytes()
    opened.samples.remove([first])
    assert first not in [match.sample for match in next(iter(opened.query(probe, k=50))).regions[0].matches]
    assert all(vector not in path.read_bytes() for path in calibrated.home.rglob("*") if path.is_file())


def test_of_a_gallery_that_was_forgotten_whole_no_index_file_keeps_a_vector(calibrated: World) -> None:
    opened = calibrated.opened
    searching.rebuild(opened.store, opened.snapshots)
    _, labelled = opened.store.all_vectors(Role.GALLERY)
    opened.samples.remove(labelled.ids.tolist())
    held = b"".join(path.read_bytes() for path in (calibrated.home / "indexes").glob("*"))
    assert all(vector.tobytes() not in held for vector in labelled.vectors)


def test_a_relabelled_sample_is_found_under_its_new_name_at_once_and_by_others(calibrated: World) -> None:
    probe = probes("c", 1)
    other = calibrated.reopened()
    first = next(iter(other.query(probe))).regions[0].matches[0]
    calibrated.opened.samples.relabel([first.sample], "renamed")
    for opened in (calibrated.opened, other, calibrated.reopened()):
        matches = next(iter(opened.query(probe))).regions[0].matches
        assert (matches[0].sample, matches[0].identity) == (first.sample, "renamed")


@pytest.mark.parametrize("damage", ["missing", "truncated", "foreign"])
def test_a_damaged_index_file_is_rebuilt_and_answers_are_the_same(calibrated: World, damage: str) -> None:
    before = [answer.regions for answer in calibrated.opened.query(probes("a", 5))]
    searching.rebuild(calibrated.opened.store, calibrated.opened.snapshots)
    (file,) = (calibrated.home / "indexes").glob("*.faiss")
    match damage:
        case "missing":
            file.unlink()
        case "truncated":
            file.write_bytes(file.read_bytes()[:-100])
        case _:
            file.write_bytes(bytes(5000))
    assert [answer.regions for answer in calibrated.reopened().query(probes("a", 5))] == before
