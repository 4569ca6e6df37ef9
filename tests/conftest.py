"""Where the real data lies. A test that needs a set which is not there is skipped with the set's name."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

DATA = Path(os.environ.get("IDENTITY_TEST_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))


@pytest.fixture(scope="session")
def dataset() -> Callable[[str], Path]:
    """`dataset("digits/mnist")` is the set's folder."""

    def folder(name: str) -> Path:
        path = DATA / name
        if not path.exists():
            pytest.skip(f"needs the set {name}, which is not here")
        return path

    return folder
