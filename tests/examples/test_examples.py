"""The programs of examples/ run as a reader would run them, offline, on real scans and photographs."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from identity.demo import images as demo_images

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
LONGEST = 60  # lines
TIMES_SEEN = {"s1": 6, "s2": 4, "s3": 4}  # photographs in the album, of three people of ORL
PEOPLE_PAGE = (720, 300)

Run = Callable[..., str]


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> demo_images.DemoImages:
    return demo_images.write(tmp_path_factory.mktemp("pictures"))


@pytest.fixture
def run(new_home: Callable[[Path], Path], tmp_path: Path) -> Run:
    """Run Python with arguments in a home of this test, without a network; what it printed."""

    home = new_home(tmp_path / "home")

    def outcome(*arguments: str | Path) -> str:
        environment = {**os.environ, "IDENTITY_HOME": str(home), "IDENTITY_OFFLINE": "1"}
        environment["PYTHONPATH"] = str(ROOT)
        environment.pop("IDENTITY_DATABASE_URL", None)
        command = [sys.executable, *map(str, arguments)]
        ran = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    return outcome


def test_a_digit_is_recognised_with_its_typicality_and_a_letter_is_not(
    run: Run, pictures: demo_images.DemoImages
) -> None:
    seven, letter = run(ROOT / "examples" / "recognise_digits.py", pictures.seven, pictures.letter).splitlines()
    assert re.fullmatch(r".*seven\.png: 7, distance 0\.\d{3}, typicality 0\.\d\d", seven)
    assert re.fullmatch(r".*letter-A\.png: unknown, nearest \d, distance 0\.\d{3}, typicality 0\.0\d", letter)


def test_a_file_that_is_no_picture_and_an_empty_page_stop_no_other(
    run: Run, pictures: demo_images.DemoImages, tmp_path: Path
) -> None:
    (tmp_path / "words.png").write_text("no picture")
    Image.new("L", (28, 28), 255).save(tmp_path / "empty.png")
    words, empty, seven = run(
        ROOT / "examples" / "recognise_digits.py", tmp_path / "words.png", tmp_path / "empty.png", pictures.seven
    ).splitlines()
    assert "words.png: not read: " in words
    assert "empty.png: unknown (" in empty
    assert "seven.png: 7, " in seven


def test_the_measured_rate_is_near_the_promised_one(run: Run, pictures: demo_images.DemoImages) -> None:
    said = run(ROOT / "examples" / "stated_error_rate.py", pictures.enroll, pictures.probes, "0.05")
    enrolled, calibration = map(int, re.findall(r"(\d+) (?:pictures|kept)", said))
    assert (enrolled + calibration, "promised: at most 5.0%" in said) == (1200, True)
    measured = re.search(r"measured: (\S+)% of 597 \((\S+)% to (\S+)% with 95 %\)", said)
    assert measured is not None, said
    value, low, high = map(float, measured.groups())
    assert low < value < high
    assert low <= 5.0  # what is measured does not contradict what is promised


def test_the_person_seen_most_often_gets_a_name_and_is_recognised(
    run: Run, dataset: Callable[[str], Path], tmp_path: Path
) -> None:
    orl, weights = dataset("faces/orl"), dataset("weights")
    _add_networks(run, weights, tmp_path)
    _write_album(orl, tmp_path / "album")
    _write_page(orl, tmp_path / "page.png")
    program = ROOT / "examples" / "name_people.py"
    said = run(program, tmp_path / "album", "Ada Lovelace", tmp_path / "page.png").splitlines()
    assert said[0] == "14 faces of 14 photographs enrolled"
    assert said[1] == "3 people, seen [6, 4, 4] times"
    assert re.fullmatch(r"c\d+ is Ada Lovelace", said[2])
    faces = {int(at): who for at, who in (re.findall(r"face at (\d+),\d+: (.*)", line)[0] for line in said[3:])}
    assert [faces[at] for at in sorted(faces)] == ["Ada Lovelace", "unknown"]


def _add_networks(run: Run, weights: Path, folder: Path) -> None:
    for name in ("yunet/yunet_n_dynamic.onnx", "face-reid-0095/face-reidentification-retail-0095.onnx"):
        shutil.copy(weights / name, folder)
        run("-m", "identity", "models", "add", folder / Path(name).name)


def _write_album(orl: Path, folder: Path) -> None:
    """Photographs without names, in one folder."""
    folder.mkdir()
    for person, times in TIMES_SEEN.items():
        for shot in range(1, times + 1):
            Image.open(orl / person / f"{shot}.pgm").save(folder / f"{shot}-{person[1:]}.png")


def _write_page(orl: Path, path: Path) -> None:
    """Another photograph of who is seen most often, left, and one of somebody who is not in the album, right."""
    page = Image.new("L", PEOPLE_PAGE, 128)
    for left, photograph in ((40, "s1/8.pgm"), (420, "s40/6.pgm")):
        page.paste(Image.open(orl / photograph).resize((184, 224)), (left, 40))
    page.save(path)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_an_example_is_short_explained_and_uses_the_public_interface_alone(path: Path) -> None:
    text = path.read_text("utf-8")
    tree = ast.parse(text)
    modules = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    modules |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert len(text.splitlines()) < LONGEST
    assert ast.get_docstring(tree)
    assert {module for module in modules if module.startswith("identity")} == {"identity"}


def test_the_examples_pass_strict_type_checks(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mypy", "--strict", "--no-incremental", "--follow-imports=silent"]
    environment = {"MYPYPATH": str(ROOT), "PATH": ""}
    copies = [shutil.copy(path, tmp_path) for path in EXAMPLES]  # read without the settings of the project
    ran = subprocess.run(
        [*command, *map(str, copies)], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout


def test_the_docs_name_every_example() -> None:
    page = (ROOT / "docs" / "python.md").read_text("utf-8")
    assert [path.name for path in EXAMPLES if f"../examples/{path.name}" not in page] == []
