"""A place of its own for each page: the folder that the docs speak of, and a home."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from doc_world import lay_out


@pytest.fixture(scope="session")
def laid_out(new_home: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as `lay_out` leaves it, and a home that was opened."""
    folder = tmp_path_factory.mktemp("docs")
    (folder / "work").mkdir()
    lay_out(folder / "work")
    new_home(folder / "home")
    return folder


@pytest.fixture(scope="session")
def place(laid_out: Path) -> Callable[[str], Path]:
    """The place of a page: a copy of the folder, made when its first block runs."""

    def of(page: str) -> Path:
        folder = laid_out / page.replace("/", "-")
        if not folder.exists():
            for part in ("work", "home"):
                shutil.copytree(laid_out / part, folder / part)
        return folder

    return of
