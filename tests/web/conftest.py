"""One server for the tests that only ask, a gallery of its own for each test that decides."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import httpx
import pytest

pytest.importorskip("fastapi", reason="needs the extra 'web'")
from browser import browse as browse
from served import Server, scans, server

import identity


@pytest.fixture(scope="session")
def web_home(new_home: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the shipped digits."""
    return new_home(tmp_path_factory.mktemp("web") / "home")


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return scans(tmp_path_factory.mktemp("pictures") / "scans")


@pytest.fixture(scope="session")
def allowed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder whose images may be enrolled by their path."""
    folder = tmp_path_factory.mktemp("allowed")
    scans(folder / "album", of=(4, 5), each=4)
    return folder


@pytest.fixture(scope="session")
def many(allowed: Path) -> Path:
    """More scans than two batches hold, in the allowed folder."""
    scans(allowed / "many", of=tuple(range(10)), each=150)
    return allowed / "many"


@pytest.fixture(scope="session")
def serving(web_home: Path, allowed: Path) -> Iterator[Server]:
    with server(web_home, "--folder", str(allowed)) as running:
        yield running


@pytest.fixture(scope="session")
def client(serving: Server) -> Iterator[httpx.Client]:
    with serving.client() as opened:
        yield opened


_NUMBERS = count()


@pytest.fixture
def scanned(web_home: Path, pictures: list[Path]) -> str:
    """A new gallery with a few scans that nobody named, clustered once; its name."""
    return _scanned(web_home, pictures)


@pytest.fixture(scope="session")
def fuzzed(web_home: Path, pictures: list[Path]) -> str:
    """The same for a test that does whatever can be done to it."""
    return _scanned(web_home, pictures)


def _scanned(web_home: Path, pictures: list[Path]) -> str:
    name = f"scans-{next(_NUMBERS)}"
    with identity.open_home(home=web_home) as home:
        home.create_gallery(name)
        opened = home.open_gallery(name)
        opened.enroll(pictures)
        opened.clusters.run(eps=0.35, min_samples=2)
    return name


@pytest.fixture(scope="session")
def people(dataset: Callable[[str], Path]) -> list[Path]:
    """Two photographs of one person, and one of another."""
    first, second = sorted(dataset("faces/lfw/deepfunneled_10plus").iterdir())[:2]
    return [*sorted(first.glob("*.jpg"))[:2], sorted(second.glob("*.jpg"))[0]]


@pytest.fixture(scope="session")
def faces_home(
    dataset: Callable[[str], Path], new_home: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A home with a face network and an empty gallery of people."""
    home = new_home(tmp_path_factory.mktemp("faces") / "home")
    reid = dataset("weights/face-reid-0095") / "face-reidentification-retail-0095.onnx"
    for weights in (dataset("weights/yunet") / "yunet_n_dynamic.onnx", reid):
        identity.open_models(home=home).add(weights)
    with identity.open_home(home=home) as opened:
        opened.create_gallery("people", model="face-reid-0095", detector="yunet")
    return home
