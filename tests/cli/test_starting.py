"""What the program loads before it answers: no more than the command needs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from identity.cli.main import hoist_locations


@pytest.fixture(scope="module")
def home(new_home: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that the shipped gallery is installed in already."""
    return new_home(tmp_path_factory.mktemp("heim-ü") / "identity")


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from identity.cli.main import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'faiss', 'sqlalchemy', 'keras', 'tensorflow', 'onnxruntime', 'sklearn', 'PIL', 'rich'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stderr.strip() == "[]"
    assert "query" in ran.stdout


@pytest.mark.parametrize("side", [28, 300], ids=["scan", "photograph"])
def test_a_query_loads_neither_keras_nor_scikit_learn_nor_scipy(home: Path, tmp_path: Path, side: int) -> None:
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (side, side), np.uint8)).save(tmp_path / "p.png")
    code = (
        "import sys; from identity.cli.main import main\n"
        f"try: main(['--home', {str(home)!r}, 'query', {str(tmp_path / 'p.png')!r}])\n"
        "except SystemExit: pass\n"
        "heavy = {'keras', 'tensorflow', 'sklearn', 'hdbscan', 'scipy', 'matplotlib', 'alembic', 'sqlalchemy.orm'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert ran.stderr.strip() == "[]"
    assert ran.stdout.startswith("unknown")


def test_home_and_database_may_stand_anywhere() -> None:
    assert hoist_locations(["query", "a.png", "--home", "h", "--k", "3", "--database=d"]) == (
        ["--home", "h", "--database=d", "query", "a.png", "--k", "3"]
    )
    assert hoist_locations(["query", "--", "--home"]) == ["query", "--", "--home"]
