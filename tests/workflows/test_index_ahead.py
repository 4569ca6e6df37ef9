"""Whoever adds many samples writes the index file early, so that no question of others has to."""

from __future__ import annotations

from pathlib import Path

import pytest
from worlds import calibrated_world, probes

from identity.workflows import snapshots as searching


def test_the_index_file_is_written_before_a_question_would_write_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "SMALL", 40)
    made = calibrated_world(tmp_path)
    made.opened.refresh_index()
    before = made.opened.store.search_state().snapshot
    made.opened.enroll(probes("a", 15))
    made.opened.refresh_index_early()
    assert made.opened.store.search_state().snapshot == before, "little was added"
    made.opened.enroll(probes("a", 15, seed=10))
    made.opened.refresh_index()
    assert made.opened.store.search_state().snapshot == before, "a question would not write it yet"
    made.opened.refresh_index_early()
    after = made.opened.store.search_state()
    assert after.snapshot != before
    assert len(after.later.ids) == 0
