"""`identity people set-aside` and `bring-back` as people type them."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from running import ran

G = ("-g", "scans")


@pytest.fixture
def run(new_home, tmp_path: Path):
    home = new_home(tmp_path / "home")
    here = partial(ran, "--home", home)
    here("demo", tmp_path / "demo")
    return here
