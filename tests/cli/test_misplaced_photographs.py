"""Claims about photographs in a gallery of digits: refused with their cure before anything is written, unless meant."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from running import Ran, ran
from scans import rows_of, scan
from sklearn.datasets import load_sample_images

from identity import UsageError, open_gallery
from identity.imaging.photographs import photographs_among
from identity.imaging.sources import read_sources, sources_of_arrays

Run = Callable[..., Ran]
COPIES = 6


@pytest.fixture(scope="module")
def home(new_home: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all tests here."""
    return new_home(tmp_path_factory.mktemp("misplaced") / "home")


@pytest.fixture
def run(home: Path) -> Run:
    return partial(ran, "--home", home)


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two real photographs, each six times with another edge, in a folder for each of two names."""
    folder = tmp_path_factory.mktemp("album")
    for name, picture in zip(("Ada", "Grace"), load_sample_images().images, strict=True):
        (folder / name).mkdir()
        for place in range(COPIES):
            Image.fromarray(picture[place * 8 :, place * 8 :]).save(folder / name / f"{place}.jpg")
    return folder


def held(run: Run) -> dict[str, int]:
    shown = run("gallery", "show", "digits", "--json").document
    return {key: shown[key] for key in ("samples", "calibration_samples", "identities", "images", "skipped")}


def test_photographs_are_refused_before_anything_is_written(run: Run, album: Path) -> None:
    before = held(run)
    refused = run("enroll", album)

    assert (refused.code, refused.err.count("\n"), refused.out) == (2, 1, "")
    assert "of 12 images" in refused.err
    assert "identity setup faces" in refused.err
    assert "--any-image" in refused.err
    assert held(run) == before


def test_whoever_means_it_repeats_with_the_option(run: Run, album: Path) -> None:
    before = held(run)
    assert run("enroll", album, "--any-image").code == 0
    assert held(run)["images"] == before["images"] + 2 * COPIES


def test_the_api_refuses_them_too(home: Path, album: Path) -> None:
    picture = np.asarray(Image.open(album / "Ada" / "0.jpg"))[:, ::-1]
    with open_gallery("digits", home=home) as gallery:
        with pytest.raises(UsageError, match="--any-image"):
            gallery.enroll(picture)
        assert gallery.enroll(picture, any_image=True).images == 1


def test_scans_and_small_images_are_taken_with_a_few_photographs_among_them(
    run: Run, album: Path, tmp_path: Path
) -> None:
    for row in rows_of(3, 20):
        scan(tmp_path / "mixed" / "3" / f"{row}.png", row)
    picture = Image.open(album / "Ada" / "0.jpg")
    for place in range(5):
        picture.rotate(place + 1).save(tmp_path / "mixed" / "3" / f"photograph {place}.png")
        picture.resize((28, 28)).rotate(place + 1).save(tmp_path / "mixed" / "3" / f"small {place}.png")
    assert run("enroll", tmp_path / "mixed").code == 0


def test_photographed_paper_is_no_photograph_of_something_else() -> None:
    random = np.random.default_rng(0)
    rows, columns = np.mgrid[:300, :300]
    pages = []
    for strength in (2, 5, 10):
        page = 180 - columns / 6 + rows / 10
        page[80:220, 130:150] *= 0.3
        pages.append(np.clip(page + random.normal(0, strength, page.shape), 0, 255).astype(np.uint8))
    assert photographs_among(list(sources_of_arrays(pages))) == (0, 3)


def test_photographs_of_people_are_told(dataset: Callable[[str], Path]) -> None:
    folders = sorted((dataset("faces/lfw") / "deepfunneled_10plus").iterdir())[:3]
    found, looked_at = photographs_among(list(read_sources(folders)))
    assert found >= 0.9 * looked_at > 0
