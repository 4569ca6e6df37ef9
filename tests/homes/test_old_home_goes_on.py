"""Work on a home of d59714d goes on as it would have there: what runs replaced and people decided still counts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from old_home import asked, near, unpack, without

SAID = Path(__file__).with_name("goes_on.json")  # by `go_on.py`
OTHERWISE = (
    "schema", "created_at", "eps_reason", "published", "reference", "suggestions", "like_cluster", "quality",
    "min_quality", "kept_out", "difference",
)  # fmt: skip


def test_undone_runs_new_runs_and_decisions_end_as_they_did(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(unpack(tmp_path))
    said: list[tuple[str, Any]] = json.loads(SAID.read_text(encoding="utf-8"))
    for line, then in said:
        now = asked(line, home=tmp_path / "home")
        assert without(now, *OTHERWISE) == near(without(then, *OTHERWISE)), line
