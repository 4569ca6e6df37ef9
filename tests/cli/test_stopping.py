"""Ctrl-C and SIGTERM stop every long command at a seam with one line; a second one at once. What was written stays."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from family import family_gallery
from running import ran

from identity.core.types import Box

sys.path.append(str(Path(__file__).parents[1] / "docs"))

from doc_world import another_model

HERE = Path(__file__).parent
IMAGES = 2000
FETCHED = "face_detection_yunet_2023mar.onnx"  # as the catalogue calls it; the test's own is an empty shell
Met = dict[str, Any]
CASES = {  # arguments, the seam it is met at, the signals
    "enroll": ("enroll many-images-idx3-ubyte -g fresh --no-crops", 4, ["SIGINT"]),
    "sync": ("sync synced -g followed", 4, ["SIGINT"]),
    "sync --watch": ("sync watched -g followed --watch", 30, ["SIGINT"]),
    "query": ("query many-images-idx3-ubyte -g few --json", 3, ["SIGTERM"]),
    "calibrate": ("calibrate -g few --alpha 0.2 --target-far 0.5 --negatives many-images-idx3-ubyte", 2, ["SIGINT"]),
    "cluster": ("cluster -g few --full", 1, ["SIGTERM"]),
    "cluster evaluate": ("cluster evaluate -g few --blind", 1, ["SIGINT"]),
    "evaluate": ("evaluate --known many-images-idx3-ubyte -g few --per-sample rows.csv", 2, ["SIGTERM"]),
    "train": ("train digits --data . -o trained", 1, ["SIGTERM"]),
    "pull": ("models pull yunet --offline", 1, ["SIGINT"]),
    "add": ("models add digits-2 --name another", 1, ["SIGTERM"]),
    "backup": ("backup kept.bak", 1, ["SIGTERM"]),
    "export": ("export bundle few.bundle -g few", 20, ["SIGINT"]),
    "import": ("import bundle kept.bundle -g moved", 91, ["SIGTERM"]),
    "export xmp": ("--home family export xmp -g family --sidecars", 1, ["SIGINT"]),
    "import xmp": ("--home family import xmp many-images-idx3-ubyte -g family", 2, ["SIGTERM"]),
    "restore": ("restore older.bak --yes", 1, ["SIGINT"]),
    "database copy": ("database copy sqlite:///home/identity.db sqlite:///copied.db", 3, ["SIGTERM"]),
    "doctor": ("doctor", 1, ["SIGTERM"]),
    "embedding": ("plot embedding -g few -o map.png --unknown many-images-idx3-ubyte", 1500, ["SIGINT"]),
    "thresholds": ("plot thresholds -g few -o limits.png --unknown many-images-idx3-ubyte", 2, ["SIGTERM"]),
    "reembed": ("reembed -g few --model digits-2", 1, ["SIGTERM"]),
    "enroll twice": ("enroll many-images-idx3-ubyte -g other --no-crops", 4, ["SIGINT", "SIGINT"]),
    "query twice": ("query many-images-idx3-ubyte -g few", 2, ["SIGINT", "SIGTERM"]),
}
if find_spec("pyarrow"):
    CASES["export parquet"] = ("export parquet few.parquet -g few", 1, ["SIGTERM"])
NUMBERS = {"SIGINT": 130, "SIGTERM": 143}


def write_idx(path: Path, array: np.ndarray) -> None:
    path.write_bytes(struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes())


def drawn(count: int) -> np.ndarray:
    """Strokes of ink (count, 28, 28), no two alike."""
    pictures = np.zeros((count, 28, 28), np.uint8)
    rng = np.random.default_rng(0)
    for picture in pictures:
        top, left, height, width = rng.integers(4, 12, 4)
        picture[top : top + height, left : left + 3] = rng.integers(128, 255)
        picture[top : top + 3, left : left + width] = rng.integers(128, 255)
    return pictures


@pytest.fixture(scope="module")
def work(new_home: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a home, 2,000 drawn pictures, two backups and a mirror."""
    folder = tmp_path_factory.mktemp("stopping")
    write_idx(folder / "many-images-idx3-ubyte", drawn(IMAGES))
    write_idx(folder / "many-labels-idx1-ubyte", np.arange(IMAGES, dtype=np.uint8) % 10)
    write_idx(folder / "few-images-idx3-ubyte", drawn(200))
    write_idx(folder / "few-labels-idx1-ubyte", np.arange(200, dtype=np.uint8) % 10)
    (folder / "synced").mkdir()
    (folder / "synced" / "many-images-idx3-ubyte").write_bytes((folder / "many-images-idx3-ubyte").read_bytes())
    (folder / "watched").mkdir()
    (folder / "watched" / "few-images-idx3-ubyte").write_bytes((folder / "few-images-idx3-ubyte").read_bytes())
    (folder / "mirror").mkdir()
    (folder / "mirror" / FETCHED).write_bytes(b"not a network")
    new_home(folder / "home")
    family_gallery(new_home(folder / "family"), {folder / "gone.jpg": {Box(0, 0, 8, 8): "Anna"}})
    say = lambda line: ran("--home", folder / "home", *line.split())  # noqa: E731
    with pytest.MonkeyPatch.context() as standing:
        standing.chdir(folder)
        assert say("gallery delete digits --yes").code == 0
        for name in ("fresh", "other", "followed", "few"):
            assert say(f"gallery create {name} --model digits").code == 0
        assert say("backup older.bak").code == 0
        assert say("enroll few-images-idx3-ubyte -g few --calibration-fraction 0.5").code == 0
        assert say("calibrate -g few --alpha 0.2").code == 0
        assert say("export bundle kept.bundle -g few").code == 0
        another_model(folder / "digits-2")
        assert say("models add digits-2").code == 0
        (folder / "kept.bak").write_bytes((folder / "older.bak").read_bytes())
    return folder


@pytest.fixture(scope="module")
def met(work: Path) -> dict[str, Met]:
    """What every command of `CASES` said and did after its signals."""
    cases = [
        {
            "arguments": ["--home", str(work / "home"), *line.split()],
            "seam": seam,
            "signals": signals,
            "alone": "train" in line,
        }
        for line, seam, signals in CASES.values()
    ]
    (work / "cases.json").write_text(json.dumps(cases))
    environment = {**os.environ, "PYTHONPATH": str(HERE.parents[1]), "IDENTITY_MODELS_MIRROR": str(work / "mirror")}
    program = [sys.executable, str(HERE / "stopped_program.py"), "cases.json", str(work / "results.json")]
    subprocess.run(program, check=True, cwd=work, env=environment)
    return dict(zip(CASES, json.loads((work / "results.json").read_text()), strict=True))


@pytest.fixture(scope="module")
def document(work: Path) -> Callable[[str], Any]:
    return lambda line: ran("--home", work / "home", *line.split(), "--json").document


@pytest.mark.parametrize("command", [name for name in CASES if not name.endswith("twice")])
def test_the_first_signal_ends_the_command_at_its_seam_with_one_line(met: dict[str, Met], command: str) -> None:
    one, (_, _, (signal,)) = met[command], CASES[command]
    assert one["stood"], one["err"]
    said = [line for line in one["err"].splitlines() if line.startswith("identity: ")]
    assert [line.startswith("identity: stopped: ") for line in said] == [True], one["err"]
    assert "Traceback" not in one["err"]
    assert one["code"] == NUMBERS[signal]


@pytest.mark.parametrize("command", ["enroll twice", "query twice"])
def test_the_second_signal_ends_it_at_once(met: dict[str, Met], command: str) -> None:
    one, (_, _, signals) = met[command], CASES[command]
    assert one["stood"], one["err"]
    assert one["code"] == NUMBERS[signals[1]]
    assert one["err"].splitlines() == ["identity: stopped at once: what was written stays whole"]


@pytest.mark.parametrize("gallery", ["fresh", "other"])
def test_what_was_enrolled_stays_and_the_same_command_does_the_rest(
    met: dict[str, Met], work: Path, document: Callable[[str], Any], gallery: str
) -> None:
    held = document(f"gallery show {gallery}")["samples"]
    assert 0 < held < IMAGES
    again = ran("--home", work / "home", "enroll", work / "many-images-idx3-ubyte", "-g", gallery, "--json").document
    assert (again["duplicates"], again["gallery_samples"]) == (held, IMAGES - held)


def test_a_stopped_query_gives_the_answers_it_has(met: dict[str, Met]) -> None:
    assert len(json.loads(met["query"]["out"])["probes"]) == 252  # batches of 84 and 168


def test_a_stopped_import_leaves_no_gallery(met: dict[str, Met], document: Callable[[str], Any]) -> None:
    assert "moved" not in [one["gallery"] for one in document("gallery list")["galleries"]]


def test_whoever_writes_something_whole_wrote_nothing(met: dict[str, Met], work: Path) -> None:
    left = {path.name for path in work.iterdir()}
    assert not left & {"rows.csv", "trained", "map.png", "limits.png", "kept.bak.partial", "few.bundle", "few.parquet"}
    assert not [name for name in left if name.startswith(".")]
    assert (work / "kept.bak").read_bytes() == (work / "older.bak").read_bytes()
    assert [path.name for path in (work / "home" / "models").iterdir()] == ["digits-2"]


def test_the_gallery_is_as_it_was(met: dict[str, Met], document: Callable[[str], Any]) -> None:
    assert document("gallery show few")["samples"] > 0  # the backup has none
    assert document("cluster history -g few")["runs"] == []
    assert document("gallery show few")["calibration"]["rule"] == "conformal"
    assert document("doctor")["sound"]
