"""Where a gallery of many people is searched by codes, those of a forgotten person are in no file either."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_forgotten import NAME, PERSON, home, traces_of

from identity import bootstrap
from identity.core import search_engine
from identity.indexes.certified import Certified

__all__ = ["home"]


def test_the_codes_of_a_forgotten_person_are_in_no_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_engine, "MANY_SAMPLES", 1)
    with bootstrap.open_home(home=home) as opened:
        gallery = opened.open_gallery(NAME)
        gallery.store.add([])
        index = gallery.search_context(rebuilt=True).index
        assert isinstance(index, Certified)
        assert index.codes is not None
        traces = traces_of(opened)
        at = [row for row, sample in enumerate(index.rows.ids.tolist()) if sample in traces.ids]
        codes = [(index.codes.integers[row].astype(int) + 128).astype("u1").tobytes() for row in at]
        assert codes
        assert all(code in _files(home) for code in codes)
        gallery.samples.forget(PERSON)
        assert not any(code in _files(home) for code in codes)
        assert (traces.in_tables(home), traces.in_files(home)) == (set(), set())
        assert len(list((home / "indexes").glob("*.codes"))) == 1


def _files(home: Path) -> bytes:
    return b"\0".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
