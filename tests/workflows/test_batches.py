"""Reading ahead and writing behind: order is kept, at most one item is under way, and nothing that fails is lost."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from worlds import around, world

from identity.core.errors import StoreBusyError
from identity.core.types import NewSample
from identity.workflows import enroll as enrolling
from identity.workflows.batches import behind
from identity.workflows.enroll import Policy, enroll


def test_items_are_worked_on_in_order_one_at_a_time_behind_the_caller() -> None:
    busy, caller = threading.Lock(), threading.get_ident()

    def work(item: int) -> int:
        assert busy.acquire(blocking=False)
        assert threading.get_ident() != caller
        time.sleep(0.001)
        busy.release()
        return -item

    assert list(behind(work, range(20))) == [-item for item in range(20)]


@pytest.mark.parametrize("failing", [0, 2, 4])
def test_what_the_work_raises_reaches_the_caller_and_nothing_is_begun_after_it(failing: int) -> None:
    begun = []

    def work(item: int) -> None:
        begun.append(item)
        if item == failing:
            raise StoreBusyError("locked")

    with pytest.raises(StoreBusyError):
        list(behind(work, range(5)))
    assert begun == list(range(failing + 1))


def test_what_was_handed_over_is_finished_where_the_caller_stops() -> None:
    done: list[int] = []
    results = behind(done.append, range(9))
    next(results)
    results.close()
    assert done == [0, 1]


def test_the_same_image_in_two_batches_on_their_way_is_embedded_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enrolling, "BATCH_IMAGES", 10)
    made = world(tmp_path)
    images = [*around("a", count=25, seed=1), *around("a", count=25, seed=1)]
    report = made.opened.enroll(images)
    assert (report.images, report.gallery, report.duplicates) == (50, 25, 25)
    assert made.embedder.embedded == 25


def test_a_batch_that_cannot_be_written_ends_the_run_and_what_was_told_as_done_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enrolling, "BATCH_IMAGES", 10)
    made, told = world(tmp_path), []
    store, add = made.opened.store, made.opened.store.add

    def breaking(samples: list[NewSample], *, skipped: object) -> object:
        if len(told) == 20:
            raise StoreBusyError("locked")
        return add(samples, skipped=skipped)

    monkeypatch.setattr(store, "add", breaking)
    policy = Policy(on_image=lambda name, _outcome: told.append(name))
    with pytest.raises(StoreBusyError):
        enroll(around("a", count=60, seed=1), pipeline=made.opened.pipeline, store=store, policy=policy)
    assert len(told) == len(store.find(limit=1000)) == 20
