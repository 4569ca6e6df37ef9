"""A gallery that was changed or damaged: thresholds grow stale, and what was removed is never found again."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from worlds import World, calibrated_world, probes

from identity.core.answers import RegionVerdict
from identity.core.errors import GalleryChangedError
from identity.core.ports import GalleryStore
from identity.core.types import Labelled, Role
from identity.indexes.snapshot import FOOTER_BYTES
from identity.workflows import snapshots as searching
from identity.workflows.query import answer_regions


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


def test_an_identity_that_nobody_is_any_more_keeps_no_question_from_its_answer(calibrated: World) -> None:
    opened = calibrated.opened
    searching.rebuild(opened.store, opened.snapshots)
    opened.samples.relabel([sample.id for sample in opened.samples.find(identity="c", limit=1000)], "renamed")
    (answer,) = calibrated.reopened().query(probes("c", 1))
    region = answer.regions[0]
    assert {match.identity for match in region.matches} == {"renamed"}
    assert "c" not in {candidate.identity for candidate in region.candidates}


@pytest.mark.parametrize("damage", ["missing", "truncated", "foreign", "vectors of others"])
def test_a_damaged_index_file_is_rebuilt_and_answers_are_the_same(calibrated: World, damage: str) -> None:
    before = [answer.regions for answer in calibrated.opened.query(probes("a", 5))]
    searching.rebuild(calibrated.opened.store, calibrated.opened.snapshots)
    if not calibrated.opened.snapshots.holds(1, dim=1):
        pytest.skip("no index file is made here")
    (file,) = (calibrated.home / "indexes").glob("*.faiss")
    match damage:
        case "missing":
            file.unlink()
        case "truncated":
            file.write_bytes(file.read_bytes()[:-100])
        case "foreign":
            file.write_bytes(bytes(5000))
        case _:
            _give_samples_the_vectors_of_others(file)
    assert [answer.regions for answer in calibrated.reopened().query(probes("a", 5))] == before


def _give_samples_the_vectors_of_others(file: Path) -> None:
    content = bytearray(file.read_bytes())
    footer = json.loads(content[-FOOTER_BYTES:])
    size = 4 * footer["dim"] * footer["length"]
    start = content.rindex(struct.pack("<Q", footer["dim"] * footer["length"]), 0, 200) + 8
    vectors = np.frombuffer(content[start : start + size], np.float32).reshape(footer["length"], -1)
    content[start : start + size] = vectors[::-1].tobytes()
    file.write_bytes(content)


class ChangesBetween:
    """A store that somebody changes at the very moment between an answer's search and its naming, so many times."""

    def __init__(self, store: GalleryStore, change: Callable[[], None], *, times: int) -> None:
        self._store, self._change, self._times = store, change, times

    def vectors(self, ids: Iterable[int]) -> Labelled:
        if self._times:
            self._times -= 1
            self._change()
        return self._store.vectors(ids)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def _asked_while_changed(world: World, change: Callable[[], None], *, times: int) -> list[RegionVerdict]:
    opened = world.opened
    store: Any = ChangesBetween(opened.store, change, times=times)
    described = [part for row in opened.pipeline.describe(probes("c", 3)) for part in row]
    return list(answer_regions(described, store, opened.search_context, k=5))


def test_an_answer_is_made_again_where_a_sample_of_it_was_removed_meanwhile(calibrated: World) -> None:
    def remove_nearest() -> None:
        nearest = next(iter(calibrated.reopened().query(probes("c", 1)))).regions[0].matches[0]
        calibrated.opened.samples.remove([nearest.sample])

    answers = _asked_while_changed(calibrated, remove_nearest, times=3)
    there = calibrated.opened.samples.get(match.sample for answer in answers for match in answer.matches)
    assert all(len(answer.matches) == 5 for answer in answers)
    assert all(match.sample in there for answer in answers for match in answer.matches)


def test_an_answer_is_made_again_where_an_identity_was_renamed_or_went_meanwhile(calibrated: World) -> None:
    moved = iter(["first", "second"])

    def rename() -> None:
        nearest = next(iter(calibrated.reopened().query(probes("c", 1)))).regions[0].matches[0]
        calibrated.opened.samples.relabel([nearest.sample], next(moved))

    answers = _asked_while_changed(calibrated, rename, times=2)
    assert answers == _asked_while_changed(calibrated, rename, times=0)


def test_who_cannot_be_asked_between_two_changes_is_told_so(calibrated: World) -> None:
    names = (f"name {number}" for number in range(10_000))

    def rename() -> None:
        nearest = next(iter(calibrated.reopened().query(probes("c", 1)))).regions[0].matches[0]
        calibrated.opened.samples.relabel([nearest.sample], next(names))

    with pytest.raises(GalleryChangedError, match="faster than it can be asked"):
        _asked_while_changed(calibrated, rename, times=10_000)
