"""A home with the shipped gallery for all tests of commands, the program that runs in it, and a folder of digits."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from running import Ran, ran
from scans import rows_of, scan


@pytest.fixture(scope="session")
def home(new_home: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that the shipped gallery was installed into; tests that change galleries make their own in it."""
    return new_home(tmp_path_factory.mktemp("heim-ü") / "identity")


@pytest.fixture
def run(home: Path) -> Callable[..., Ran]:
    return partial(ran, "--home", home)


@pytest.fixture(scope="session")
def scans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scans")
    for digit in range(10):
        for row in rows_of(digit, 40):
            scan(folder / str(digit) / f"{row}.png", row)
    return folder
