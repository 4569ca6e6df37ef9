"""Fixtures: a cluster of real workers, and homes with a network that workers do not have."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from shard_worlds import SAMPLES, new_samples, workers
from started_clusters import LONG_S, USUAL, Cluster

import identity
from identity.bootstrap import SHIPPED
from identity.machines import dask_workers
from identity.store.opening import open_store

IMAGES, OWN = 160, "own"


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who finishes nothing is given up after a minute here."""
    monkeypatch.setattr(dask_workers, "STALLED_S", LONG_S)


@pytest.fixture(scope="session")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A scheduler without workers."""
    with Cluster(tmp_path_factory.mktemp("cluster")) as cluster:
        yield cluster


@pytest.fixture
def cluster(scheduler: Cluster) -> Iterator[Cluster]:
    """The scheduler with two workers, each with a home that was empty when they came; others go with the test."""
    scheduler.bring_to(USUAL)
    scheduler.log("")
    yield scheduler
    scheduler.bring_to(USUAL)


@pytest.fixture(scope="session")
def first_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with an empty gallery `strokes` by a network of its own. Nobody works in it: `home` copies it.

    It had the shipped gallery and deleted it, so that a copy is small.
    """
    home = tmp_path_factory.mktemp("world") / "home"
    open_store(f"sqlite:///{home / 'identity.db'}").close()
    with sqlite3.connect(home / "identity.db") as database:
        for packed in (SHIPPED / "galleries").glob("*.npz"):
            database.execute("INSERT INTO shipped (name, installed_at) VALUES (?, '2026-01-01')", (packed.stem,))
    models = identity.open_models(home=home)
    models.add(SHIPPED / "models" / "digits", name=OWN)
    with identity.open_home(home=home) as opened:
        opened.create_gallery("strokes", model=OWN)
    return home


@pytest.fixture
def home(first_world: Path, tmp_path: Path) -> Callable[[str], Path]:
    """`home("a")` is a home of its own."""
    return lambda name: Path(shutil.copytree(first_world, tmp_path / name))


@pytest.fixture(scope="session")
def strokes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small images of two strokes each, in a folder for each of four names, and one file that is none."""
    folder = tmp_path_factory.mktemp("strokes")
    rng = np.random.default_rng(7)
    for number in range(IMAGES):
        pixels = np.zeros((28, 28), np.uint8)
        for _ in range(2):
            x, y = rng.integers(4, 16, 2)
            pixels[y : y + rng.integers(2, 9), x : x + rng.integers(2, 9)] = 255
        where = folder / f"{number % 4}"
        where.mkdir(exist_ok=True)
        Image.fromarray(pixels).save(where / f"{number:04}.png")
    (folder / "2" / "broken.png").write_bytes(b"no image")
    return folder


@pytest.fixture
def filled(home: Callable[[str], Path]) -> Path:
    """A home whose gallery has samples of many people, some without a name."""
    there = home("filled")
    with identity.open_gallery("strokes", home=there) as gallery:
        gallery.store.add(new_samples(range(SAMPLES), gallery.store.gallery.dim))
    return there


@pytest.fixture
def reading(scheduler: Cluster, filled: Path) -> Iterator[Cluster]:
    """Two workers that read the home's database."""
    with workers(scheduler, filled):
        yield scheduler
