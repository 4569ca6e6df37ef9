"""`identity models measure` as people run it, on ORL: the points it keeps, on what, and which galleries follow."""

from __future__ import annotations

import hashlib
import json
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from PIL import Image
from running import Ran, ran
from sklearn.datasets import _lfw
from sklearn.datasets._base import RemoteFileMetadata

PEOPLE, SHOTS = 40, 2
DataSet = Callable[[str], Path]


@pytest.fixture(scope="module")
def named(dataset: DataSet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two photographs of each of ORL's people, one without a face, one in nobody's folder, and one damaged file."""
    orl, folder = dataset("faces/orl"), tmp_path_factory.mktemp("named") / "lfw_funneled"
    for person in range(1, PEOPLE + 1):
        (folder / f"s{person}").mkdir(parents=True)
        for shot in range(1, SHOTS + 1):
            Image.open(orl / f"s{person}" / f"{shot}.pgm").save(folder / f"s{person}" / f"{shot}.png")
    Image.new("RGB", (200, 200), (90, 120, 90)).save(folder / "s1" / "none.png")
    Image.open(orl / "s1" / "5.pgm").save(folder / "nobody.png")
    return folder


@pytest.fixture(scope="module")
def home(dataset: DataSet, new_home: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two galleries of the network: one decides by reference points, one by a distance that somebody chose."""
    home = new_home(tmp_path_factory.mktemp("measuring") / "home")
    face = dataset("weights/face-reid-0095") / "face-reidentification-retail-0095.onnx"
    for weights in (dataset("weights/yunet") / "yunet_n_dynamic.onnx", face):
        assert ran("--home", home, "models", "add", weights).code == 0
    for gallery in ("follows", "stays"):
        assert ran("--home", home, "gallery", "create", gallery, "--model", "face-reid-0095").code == 0
    assert ran("--home", home, "calibrate", "-g", "stays", "--threshold", "0.5").code == 0
    return home


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    for name in ("IDENTITY_MODELS_MIRROR", "IDENTITY_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    return partial(ran, "--home", home)


def test_points_of_a_folder_are_kept_with_what_they_were_measured_on_and_galleries_follow(
    run: Callable[..., Ran], named: Path, dataset: DataSet
) -> None:
    space = run("gallery", "show", "follows", "--json").document["space"]
    before = run("models", "show", "face-reid-0095").out
    few = run("models", "measure", "face-reid-0095", "--photographs", named)
    assert "not kept: the points of model 'face-reid-0095' reach lower error rates" in few.out
    assert run("models", "show", "face-reid-0095").out == before
    made = run("models", "measure", "face-reid-0095", "--photographs", named, "--even-if-fewer", "--json")
    assert (made.code, made.document["superfluous"]) == (0, False)
    found = made.document
    counts = {name: found[name] for name in ("people", "photographs", "without_face", "unnamed", "pairs", "detector")}
    pairs = (PEOPLE * SHOTS) ** 2 // 2 - PEOPLE * SHOTS**2 // 2
    assert counts == {
        "people": PEOPLE, "photographs": PEOPLE * SHOTS, "without_face": 1, "unnamed": 1, "pairs": pairs,
        "detector": "yunet",
    }  # fmt: skip
    first, *others = found["points"]
    assert first["kept"]
    assert first["interval"][0] <= first["observed"] <= first["interval"][1]
    assert not any(point["kept"] for point in others)  # fewer than 30 errors expected of 3,120 pairs
    assert (found["following"], found["staying"]) == (["follows"], ["stays"])

    (point,) = run("models", "show", "face-reid-0095", "--json").document["operating_points"]
    assert (point["fmr"], point["distance"]) == (0.01, first["distance"])
    assert point["measured_by"] == "'identity models measure'"
    assert point["measured_on"].startswith("80 photographs of 40 people in lfw_funneled (3,120 pairs")
    shown = run("gallery", "show", "follows", "--json").document
    assert shown["space"] == space
    assert shown["calibration"]["people"]["verify"]["threshold"] == first["distance"]
    assert "80 photographs of 40 people" in run("gallery", "show", "follows").out
    assert "0.500 was chosen by you" in run("gallery", "show", "stays").out
    assert "chosen by you" in run("status").out
    orl = dataset("faces/orl")
    assert run("enroll", "-g", "follows", orl / "s3" / "7.pgm", "--as", "Ada").code == 0  # the space is the same
    assert "(reference point of the network)" in run("query", "-g", "follows", orl / "s3" / "8.pgm").out


def test_the_largest_distance_with_that_share_of_pairs_is_the_point(run: Callable[..., Ran], named: Path) -> None:
    from identity.core.pair_distances import faces_of
    from identity.core.reference_points import measure_points
    from identity.core.types import Labelled

    rng = np.random.default_rng(0)
    who = np.repeat(np.arange(60), 3)
    vectors = rng.normal(size=(len(who), 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    ids = np.arange(len(who))
    found = measure_points(faces_of(Labelled(ids, who, vectors), ids, rng), rng)
    apart = (1 - vectors @ vectors.T)[np.triu(who[:, None] != who, 1)]
    assert found.pairs == len(apart)
    assert (apart <= found.points[0].distance).mean() <= 0.01 < (apart <= found.points[0].distance + 0.002).mean()
    assert [point.kept for point in found.points] == [True, False, False, False]


def test_lfw_is_fetched_under_scikit_learns_address_and_digest_and_kept_in_its_folder(
    run: Callable[..., Ran], named: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served, kept = tmp_path / "served", tmp_path / "scikit"
    served.mkdir()
    with tarfile.open(served / "lfw-funneled.tgz", "w:gz") as archive:
        archive.add(named, "lfw_funneled")
    digest = hashlib.sha256((served / "lfw-funneled.tgz").read_bytes()).hexdigest()
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(kept))
    with server_of(served) as address:
        published = partial(RemoteFileMetadata, "lfw-funneled.tgz", f"{address}/lfw-funneled.tgz")
        monkeypatch.setattr(_lfw, "FUNNELED_ARCHIVE", published("0" * 64))
        wrong = run("models", "measure", "face-reid-0095", "--lfw")
        assert (wrong.code, wrong.err.count("\n"), list(kept.rglob("*.png"))) == (1, 1, [])
        assert "sha256" in wrong.err
        monkeypatch.setattr(_lfw, "FUNNELED_ARCHIVE", published(digest))
        offline = run("models", "measure", "face-reid-0095", "--lfw", "--offline")
        assert (offline.code, offline.out) == (2, "")
        assert "offline, lfw-funneled.tgz cannot be downloaded: give a folder" in offline.err
        measured = run("models", "measure", "face-reid-0095", "--lfw")
    assert "measured on 80 photographs of 40 people in lfw_funneled" in measured.out
    assert "not kept: 3.1 errors expected, fewer than 30" in measured.out
    assert (kept / "lfw_home" / "lfw_funneled" / "s1").is_dir()


@contextmanager
def server_of(folder: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["face-reid-0095"], 2, "give either --photographs FOLDER or --lfw"),
        (["digits", "--photographs", "{few}"], 2, "no network of faces"),
        (["nothing", "--photographs", "{few}"], 1, "not installed"),
        (["face-reid-0095", "--photographs", "{few}"], 2, "make 0 pairs of different people"),
        (["face-reid-0095", "--photographs", "nowhere"], 1, "nowhere"),
    ],
)
def test_what_cannot_be_measured_is_one_line_and_changes_nothing(
    run: Callable[..., Ran], tmp_path: Path, arguments: list[str], code: int, said: str
) -> None:
    Image.new("RGB", (200, 200), (90, 120, 90)).save(tmp_path / "none.png")
    before = run("models", "show", "face-reid-0095", "--json").out
    done = run("models", "measure", *[argument.format(few=tmp_path) for argument in arguments])
    assert (done.code, done.out, done.err.count("\n")) == (code, "", 1)
    assert said in done.err
    assert run("models", "show", "face-reid-0095", "--json").out == before
    assert json.loads(before)["kind"] == "face"
