"""Spoiled files of every kind cost one line each, whoever reads them; the bounds hold while it is read."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts" / "bench"))


def test_no_reader_does_more_than_refuse_a_spoiled_file(tmp_path: Path) -> None:
    from fuzz import READERS, fuzz

    found = fuzz(seconds=25, seed=7, output=tmp_path / "kept", files=800)
    assert {reader: one.failures for reader, one in found.items() if one.failures} == {}
    assert all(found[reader].refused and found[reader].read for reader in READERS)
