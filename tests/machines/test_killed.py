"""Whoever is killed in the middle, worker or the process that writes: each face is one sample in the end."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from started_clusters import LONG_S, USUAL, Cluster
from stored import paths

import identity
from identity.core.stopping import STOPPING

ROOT = Path(__file__).parents[2]


@pytest.fixture
def many(strokes, tmp_path) -> Path:
    """Enough images for several batches of each worker, no content twice."""
    from PIL import Image

    folder = Path(shutil.copytree(strokes, tmp_path / "many"))
    (folder / "2" / "broken.png").unlink()
    for file in sorted(folder.rglob("*.png")):
        with Image.open(file) as image:
            for turn in range(1, 4):
                turned = image.rotate(90 * turn)
                turned.putpixel((turn, 0), 200)
                turned.save(file.with_name(f"{file.stem}-{turn}.png"))
    return folder


def test_what_a_killed_worker_had_is_done_by_others_once(cluster, home, many):
    there = home("there")
    doomed = cluster.worker(home=cluster.folder / "doomed", IDENTITY_TEST_EACH_S="0.02")
    cluster.log("")
    written: list[int] = []

    def kill_after_the_first(count: int) -> None:
        written.append(count)
        if len(written) == 1:
            os.kill(doomed.pid, signal.SIGKILL)

    with identity.open_gallery("strokes", home=there) as gallery:
        report = gallery.enroll(many, on=cluster.address, on_progress=kill_after_the_first)
    doomed.join(LONG_S)
    assert doomed.exitcode == -signal.SIGKILL
    assert len(written) > 4
    assert report.gallery == report.images == len(list(many.rglob("*.png")))
    assert sorted(paths(there)) == sorted(map(str, many.rglob("*.png")))
    assert report.failed == []


def test_a_process_killed_while_it_enrolls_leaves_only_the_rest_to_do(cluster, home, many, tmp_path):
    there = home("there")
    cluster.worker(home=cluster.folder / "slow", IDENTITY_TEST_EACH_S="0.01")
    command = [sys.executable, "-m", "identity", "--home", str(there), "enroll", str(many), "-g", "strokes"]
    environ = os.environ | {"PYTHONPATH": str(ROOT)}
    with (tmp_path / "said").open("wb") as said:
        running = subprocess.Popen([*command, "--on", cluster.address], env=environ, stdout=said, stderr=said)
    try:
        cluster.until(lambda: bool(paths(there)) or running.poll() is not None)
    finally:
        running.kill()
    assert running.wait(LONG_S) == -signal.SIGKILL, (tmp_path / "said").read_text()
    kept = paths(there)
    assert 0 < len(kept) < len(list(many.rglob("*.png")))
    time.sleep(1)  # what was begun for it ends
    cluster.log("")
    with identity.open_gallery("strokes", home=there) as gallery:
        report = gallery.enroll(many, on=cluster.address)
    assert report.duplicates == len(kept)
    assert sorted(paths(there)) == sorted(map(str, many.rglob("*.png")))
    embedded = cluster.log("embedded")
    assert len(embedded) == len(set(embedded)) == report.gallery
    assert set(embedded).isdisjoint(kept)


def test_images_that_kill_every_worker_fail_and_the_others_are_enrolled(scheduler, home, strokes, tmp_path):
    """One while it is read, one while it is described. Workers come back as a nanny brings them; nobody loops."""
    some = Path(shutil.copytree(strokes / "1", tmp_path / "some"))
    good = sorted(some.glob("*.png"))
    for word in ("deadly-file", "deadly-face"):
        where = some / word
        where.mkdir()
        for file in good[:3]:
            file.rename(where / file.name)
        good[0:3] = []
        next(where.glob("*.png")).rename(where / f"{word}.png")
    there, done = home("there"), threading.Event()
    keeper = threading.Thread(target=bring_back, args=(scheduler, done))
    keeper.start()
    try:
        with identity.open_gallery("strokes", home=there) as gallery:
            report = gallery.enroll(some, on=scheduler.address)
    finally:
        done.set()
        keeper.join(LONG_S)
    assert [Path(name).name for name, _ in sorted(report.failed)] == ["deadly-face.png", "deadly-file.png"]
    assert all("one after the other" in error for _, error in report.failed)
    assert report.gallery == len(paths(there)) == len(list(some.rglob("*.png"))) - 2


def bring_back(scheduler: Cluster, done: threading.Event) -> None:
    """What a nanny does, only faster: two workers at any time."""
    while not done.is_set():
        for _ in range(sum(one.is_alive() for one in scheduler.started[1:]), USUAL):
            scheduler.start(home=scheduler.folder / "brought-back")
        done.wait(0.02)


def test_stopping_keeps_what_is_written_and_waits_for_nobody_who_is_gone(cluster, home, many):
    there = home("there")

    def stop(_count: int) -> None:
        STOPPING.ask()

    try:
        with pytest.raises(KeyboardInterrupt), identity.open_gallery("strokes", home=there) as gallery:
            gallery.enroll(many, on=cluster.address, on_progress=stop)
    finally:
        STOPPING.forget()
    assert 0 < len(paths(there)) < len(list(many.rglob("*.png")))
