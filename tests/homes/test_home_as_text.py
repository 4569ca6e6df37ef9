"""A home is meant by its path as text, too, as every other path is."""

from __future__ import annotations

from pathlib import Path

import identity


def test_a_home_may_be_given_as_text(tmp_path: Path) -> None:
    with identity.open_home(home=str(tmp_path / "home")) as home:
        assert home.settings.home == tmp_path / "home"
