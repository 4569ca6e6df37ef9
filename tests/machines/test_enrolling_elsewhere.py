"""An enrolment by Dask workers gives what one by this process alone gives."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from started_clusters import LONG_S
from stored import paths, rows

import identity

ROOT = Path(__file__).parents[2]


def enrolled(home: Path, images: object, **options: object) -> dict:
    with identity.open_gallery("strokes", home=home) as gallery:
        return asdict(gallery.enroll(images, **options))


def require_same(one: Path, other: Path) -> None:
    (facts, vectors), (facts_there, vectors_there) = rows(one), rows(other)
    assert facts == facts_there
    assert vectors.shape[0] > 100
    np.testing.assert_allclose(vectors, vectors_there, atol=1e-6)


@pytest.fixture(scope="module")
def here(first_world, strokes, tmp_path_factory) -> tuple[Path, dict]:
    """A home that was filled by this process alone, and its report."""
    home = Path(shutil.copytree(first_world, tmp_path_factory.mktemp("here") / "home"))
    return home, enrolled(home, strokes, calibration_fraction=0.3)


def test_samples_vectors_and_report_are_those_of_an_enrolment_here(cluster, home, here, strokes):
    there, told = home("there"), []
    options = {"calibration_fraction": 0.3, "on_progress": told.append}
    report = enrolled(there, strokes, on=cluster.address, **options)
    require_same(here[0], there)
    assert report == here[1]
    assert report["failed"][0][0].endswith("broken.png")
    assert sum(told) == report["images"]
    assert len(cluster.log("embedded")) == report["gallery"] + report["calibration"]


def test_a_second_enrolment_sends_nothing_to_be_embedded(cluster, home, strokes):
    there = home("there")
    first = enrolled(there, strokes, on=cluster.address)
    cluster.log("")
    again = enrolled(there, strokes, on=cluster.address)
    assert again["duplicates"] == first["gallery"]
    assert again["gallery"] == 0
    assert cluster.log("embedded") == []


def test_one_content_in_two_files_gives_one_sample(cluster, home, strokes, tmp_path):
    twice = tmp_path / "twice"
    for name in ("a", "b"):
        shutil.copytree(strokes / "0", twice / name)
    there, alone = home("there"), home("alone")
    assert enrolled(there, twice, on=cluster.address) == enrolled(alone, twice)
    assert paths(there) == paths(alone)


def test_images_are_sent_to_workers_who_do_not_see_the_files(cluster, home, here, strokes):
    there = home("there")
    report = enrolled(there, strokes, on=cluster.address, send_images=True, calibration_fraction=0.3)
    require_same(here[0], there)
    assert report == here[1]


def test_pictures_in_memory_and_idx_files_are_sent(cluster, home, tmp_path):
    stack = np.random.default_rng(1).integers(0, 255, (40, 28, 28)).astype(np.uint8)
    (tmp_path / "some-images-idx3-ubyte").write_bytes(
        bytes([0, 0, 8, 3]) + b"".join(n.to_bytes(4, "big") for n in stack.shape) + stack.tobytes()
    )
    for given in (list(stack), tmp_path / "some-images-idx3-ubyte"):
        there, alone = home(f"there-{type(given).__name__}"), home(f"alone-{type(given).__name__}")
        assert enrolled(there, given, on=cluster.address, any_image=True) == enrolled(alone, given, any_image=True)
        assert rows(there)[0] == rows(alone)[0]
        assert len(rows(there)[0]) == 40


def test_a_path_from_where_one_stands_is_the_same_photograph(cluster, home, strokes, monkeypatch):
    there, alone = home("there"), home("alone")
    monkeypatch.chdir(strokes)
    assert enrolled(there, "2", on=cluster.address) == enrolled(alone, "2")
    assert rows(there)[0] == rows(alone)[0]


def test_processes_of_this_machine_do_it_too_and_are_not_stopped_by_a_terminal(home, here, strokes, tmp_path):
    """The command line, with SIGINT to the whole group as a terminal sends it; then the rest."""
    there, out = home("there"), tmp_path / "out"
    command = [sys.executable, "-m", "identity", "--home", str(there), "enroll", str(strokes), "-g", "strokes"]
    options = ["--on", "dask://local?workers=2", "--calibration-fraction", "0.3", "--json"]
    environ = os.environ | {"PYTHONPATH": str(ROOT)}
    with out.open("wb") as file:
        running = subprocess.Popen(command + options, env=environ, stdout=file, stderr=file, start_new_session=True)
        try:
            end = time.monotonic() + LONG_S
            while running.poll() is None and not paths(there) and time.monotonic() < end:
                time.sleep(0.02)
            os.killpg(running.pid, signal.SIGINT)
            assert running.wait(LONG_S) in {130, 6}, out.read_text()
        finally:
            running.kill()
    assert "Traceback" not in out.read_text()
    assert enrolled(there, strokes, calibration_fraction=0.3)["images"] == here[1]["images"]
    assert sorted(paths(there)) == sorted(paths(here[0]))
