"""Where the real data lies, and a home that has the shipped gallery, written once for all tests.

A test that needs a set which is not there is skipped with the set's name.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

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


@pytest.fixture(scope="session")
def first_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home as the program leaves it that opens it first: its 60,000 shipped samples take seconds to write.

    The worker processes of pytest-xdist share it. Nobody works in it: `new_home` copies it.
    """
    import identity

    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    home = shared / "first-home"
    with FileLock(shared / "first-home.lock"):
        if not home.exists():
            identity.open_home(home=shared / "first-home-partial").close()
            (shared / "first-home-partial").rename(home)
    return home


@pytest.fixture(scope="session")
def new_home(first_home: Path) -> Callable[[Path], Path]:
    """`new_home(folder)` is that folder, as a home that was opened and never used."""

    def at(folder: Path) -> Path:
        return Path(shutil.copytree(first_home, folder))

    return at
