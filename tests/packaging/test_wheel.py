"""Claims about the wheel: installed outside the checkout it has all it needs, and is small enough to send around."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

pytest.importorskip("hatchling", reason="needs the extra 'dev'")

CHECKOUT = Path(__file__).resolve().parents[2]
LARGEST_BYTES = 40_000_000


def _ran(*command: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "IDENTITY_"))}
    return subprocess.run([str(part) for part in command], cwd=cwd, env=outside, capture_output=True, text=True)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("dist")
    built = _ran(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", target, cwd=CHECKOUT)
    assert built.returncode == 0, built.stderr
    (made,) = target.glob("identity_search-*.whl")
    return made


@pytest.fixture(scope="module")
def elsewhere(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an environment in `env` that has the wheel, and borrows only what the wheel depends on."""
    folder = tmp_path_factory.mktemp("anderswo-ü")
    venv.create(folder / "env", with_pip=False)
    python = folder / "env" / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check")
    installed = _ran(*pip, "install", "--no-deps", "--no-index", "--no-compile", wheel, cwd=folder)
    assert installed.returncode == 0, installed.stderr
    site = next((folder / "env" / "lib").glob("python*/site-packages"))
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder


@pytest.fixture
def one(tmp_path: Path) -> Path:
    """A stroke with a thick pen on paper."""
    picture = Image.new("L", (200, 200), 255)
    ImageDraw.Draw(picture).line([(106, 40), (96, 160)], fill=0, width=16)
    picture.save(tmp_path / "eins-é.png")
    return tmp_path / "eins-é.png"


def test_wheel_is_small_and_holds_the_package_alone(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()

    assert wheel.stat().st_size <= LARGEST_BYTES
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"identity", "identity_search"}
    assert "identity/shipped/models/digits/model.onnx" in names
    assert "identity/shipped/galleries/digits-2.npz" in names
    versions = [f"identity/migrations/versions/{file.name}" for file in (CHECKOUT / "migrations/versions").glob("*.py")]
    assert versions
    assert set(versions) <= set(names)


def test_installed_program_answers_in_an_empty_home_outside_the_checkout(elsewhere: Path, one: Path) -> None:
    program = elsewhere / "env" / "bin" / "identity"

    asked = _ran(program, "--home", elsewhere / "heim", "query", one, "--json", cwd=elsewhere)
    status = _ran(program, "--home", elsewhere / "heim", "status", cwd=elsewhere)

    assert (asked.returncode, asked.stderr) == (0, "")
    assert '"schema": "identity.query/2"' in asked.stdout
    assert '"identity": "1"' in asked.stdout
    assert status.returncode == 0
    assert "alpha 0.01" in status.stdout


def test_installed_package_is_the_wheels_and_not_the_checkouts(elsewhere: Path) -> None:
    python = elsewhere / "env" / "bin" / "python"
    found = _ran(python, "-c", "import identity; print(identity.__file__)", cwd=elsewhere)

    assert Path(found.stdout.strip()).is_relative_to(elsewhere / "env")
