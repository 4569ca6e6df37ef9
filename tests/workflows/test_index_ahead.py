"""Whoever adds many samples writes the index file early, so that no question of others has to."""

from __future__ import annotations

from pathlib import Path

import pytest
from worlds import calibrated_world, probes

from identity.core import search_state
from identity.core.search_state import SearchState
from identity.gallery import Gallery


def state_of(opened: Gallery) -> SearchState:
    state = opened.store.search_state(opened.snapshots.held(opened.store.gallery))
    assert state is not None
    return state


def test_the_index_file_is_written_before_a_question_would_write_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_state, "SMALL", 40)
    made = calibrated_world(tmp_path)
    made.opened.refresh_index()
    before = state_of(made.opened).snapshot
    made.opened.enroll(probes("a", 15))
    made.opened.refresh_index_early()
    assert state_of(made.opened).snapshot == before, "little was added"
    made.opened.enroll(probes("a", 15, seed=10))
    made.opened.refresh_index()
    assert state_of(made.opened).snapshot == before, "a question would not write it yet"
    made.opened.refresh_index_early()
    after = state_of(made.opened)
    assert after.snapshot != before
    assert len(after.later.ids) == 0
