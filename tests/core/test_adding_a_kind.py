"""A kind of identity that the package does not know, arrows of 16 x 16 px, is added by a row and a model, no more."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pictures

from identity import bootstrap
from identity.core.answers import Verdict
from identity.core.domain import DOMAINS, Domain, reasons_for_good
from identity.core.errors import ModelError, UsageError
from identity.core.model import InputSpec, ModelManifest
from identity.core.rules.conformal import ConformalFacts
from identity.gallery import Gallery
from identity.home import Home
from identity.workflows.evaluate.recognition import Evaluation
from identity.zoo import manifest as manifests

SIDE_PX, DIM, EACH, ALPHA = 16, 32, 60, 0.05
TURNS = {"up": 0, "left": 1, "down": 2, "right": 3}  # quarters of a turn, counter-clockwise
ARROW = Domain(
    "arrow",
    detector="whole",
    min_samples=3,
    nothing_found="no arrow found",
    nothing_seen="an empty sign",
)


def arrow(direction: str, rng: np.random.Generator) -> np.ndarray:
    """An arrow (16, 16) of its own length, shade and noise."""
    drawn = np.zeros((SIDE_PX, SIDE_PX))
    tail = rng.integers(12, 15)
    drawn[2:tail, 7:9] = 1
    for row in range(2, 8):
        drawn[row, 9 - row : 7 + row] = 1
    return shaded(np.rot90(drawn, TURNS[direction]), rng)


def ring(rng: np.random.Generator) -> np.ndarray:
    """What is no arrow: a ring (16, 16)."""
    y, x = np.mgrid[:SIDE_PX, :SIDE_PX] - 7.5
    return shaded((np.abs(np.hypot(x, y) - rng.uniform(5, 6)) < 1.2).astype(float), rng)


def shaded(drawn: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return np.clip(drawn * rng.uniform(150, 230) + rng.normal(0, 8, drawn.shape), 0, 255).astype(np.uint8)


def written(folder: Path, images: Iterator[np.ndarray]) -> Path:
    folder.mkdir(parents=True)
    for number, pixels in enumerate(images):
        Pictures.fromarray(pixels).save(folder / f"{number}.png")
    return folder


def arrows(folder: Path, *, each: int, seed: int) -> Path:
    """A folder of labelled arrows: a sub-folder for each direction."""
    for direction in TURNS:
        rng = np.random.default_rng((seed, TURNS[direction]))
        written(folder / direction, (arrow(direction, rng) for _ in range(each)))
    return folder


def model(folder: Path) -> tuple[Path, Path]:
    """A network that projects 256 pixels onto 32 directions, and its manifest, of a kind that is new."""
    onnx = pytest.importorskip("onnx")
    weights = np.random.default_rng(0).normal(size=(SIDE_PX**2, DIM)).astype(np.float32)
    graph = onnx.helper.make_graph(
        [
            onnx.helper.make_node("Flatten", ["image"], ["pixels"], axis=1),
            onnx.helper.make_node("MatMul", ["pixels", "weights"], ["vector"]),
        ],
        "projection",
        [onnx.helper.make_tensor_value_info("image", onnx.TensorProto.FLOAT, ["n", SIDE_PX, SIDE_PX, 1])],
        [onnx.helper.make_tensor_value_info("vector", onnx.TensorProto.FLOAT, ["n", DIM])],
        [onnx.numpy_helper.from_array(weights, "weights")],
    )
    file = folder / "arrows.onnx"
    onnx.save(onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=9), str(file))
    content = file.read_bytes()
    described = ModelManifest(
        name="arrows",
        kind="arrow",
        file=file.name,
        sha256=hashlib.sha256(content).hexdigest(),
        bytes=len(content),
        dim=DIM,
        input=InputSpec("NHWC", SIDE_PX, "grey", (0.0,), 1 / 255),
        alignment="whole/1",
    )
    manifest = folder / "arrows.json"
    manifest.write_text(manifests.dump(described), encoding="utf-8")
    return file, manifest


@pytest.fixture(scope="module")
def home(new_home: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    folder = tmp_path_factory.mktemp("arrows")
    new_home(folder / "home")
    with pytest.MonkeyPatch.context() as adding:
        adding.setitem(DOMAINS, "arrow", ARROW)
        file, manifest = model(folder)
        bootstrap.open_models(home=folder / "home").add(file, manifest=manifest)
        with bootstrap.open_home(home=folder / "home") as opened:
            yield opened


@pytest.fixture(scope="module")
def gallery(home: Home, tmp_path_factory: pytest.TempPathFactory) -> Gallery:
    """Arrows, enrolled and calibrated."""
    home.create_gallery("signs", model="arrows")
    opened = home.open_gallery("signs")
    signs = arrows(tmp_path_factory.mktemp("signs"), each=EACH, seed=0)
    report = opened.enroll(signs, calibration_fraction=0.5)
    assert report.gallery + report.calibration == EACH * len(TURNS)
    made = opened.calibrate(alpha=ALPHA)
    assert (made.rule, made.facts) == ("conformal", ConformalFacts(ALPHA))
    assert all(entry.enough for entry in made.classes.values())
    return opened


def test_without_its_row_the_kind_is_refused_in_a_line_that_names_those_there_are(home, monkeypatch):
    monkeypatch.delitem(DOMAINS, "arrow")
    with pytest.raises(ModelError, match="'kind' must be one of digits, face, detector, not 'arrow'"):
        home.create_gallery("signs", model="arrows")


def test_its_gallery_asks_the_new_row_for_everything(gallery):
    assert gallery.domain is ARROW
    assert {ARROW.nothing_found, ARROW.nothing_seen} <= set(reasons_for_good())
    assert gallery.store.gallery.detector == ARROW.detector
    assert gallery.clusters.plan().outcome.run.min_samples == ARROW.min_samples


def test_an_arrow_never_seen_is_known_and_what_is_no_arrow_is_unknown(gallery):
    rng = np.random.default_rng(7)
    for direction in TURNS:
        (answer,) = gallery.query(arrow(direction, rng))
        assert (answer.regions[0].verdict, answer.regions[0].identity) == (Verdict.KNOWN, direction)
    (answer,) = gallery.query(ring(rng))
    assert answer.regions[0].verdict is Verdict.UNKNOWN


def test_arrows_are_clustered_by_their_direction(gallery):
    gallery.clusters.run()
    groups = gallery.clusters.groups()
    assert sorted(group.identity for group in groups) == sorted(TURNS)


def test_its_decisions_are_measured_on_arrows_and_on_what_is_none(gallery, tmp_path):
    known = arrows(tmp_path / "probes", each=20, seed=1)
    rings = written(tmp_path / "rings", (ring(np.random.default_rng((2, number))) for number in range(40)))
    made = gallery.evaluate(known, [rings])
    assert isinstance(made, Evaluation)
    assert made.known.n == 80
    assert made.known.accuracy_1nn.value == 1
    assert made.known.refused.value < 4 * ALPHA
    assert (made.unknown[0].n, made.unknown[0].accepted.value) == (40, 0)


def test_groups_and_rates_of_pairs_are_refused_where_pairs_do_not_decide(gallery, tmp_path):
    with pytest.raises(UsageError, match="groups"):
        gallery.evaluate(arrows(tmp_path, each=1, seed=2), groups=tmp_path / "groups.csv")
    with pytest.raises(UsageError, match="does not understand --target-fmr"):
        gallery.calibrate(target_fmr=1e-3)
