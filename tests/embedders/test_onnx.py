"""Claims about serving a network: the numbers are the network's own, and a lying manifest is caught."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnx")

from network_files import linear_network, manifest_of

from identity.core.errors import ModelError
from identity.core.model import InputSpec
from identity.embedders.onnx import OnnxEmbedder, open_session, tensor

RGB = InputSpec("NCHW", 4, "rgb", (127.5, 127.5, 127.5), 1 / 127.5)
BGR = replace(RGB, channels="bgr")
GREY = InputSpec("NHWC", 4, "grey", (0.0,), 1 / 255)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(5)


def _network(tmp_path: Path, rng: np.random.Generator, *, batch: int | str = "n") -> tuple[Path, np.ndarray]:
    weights = rng.standard_normal((48, 6)).astype(np.float32)
    return linear_network(tmp_path / "tiny.onnx", weights, shape=(batch, 3, 4, 4)), weights


@pytest.mark.parametrize("spec", [RGB, BGR])
def test_vectors_are_the_networks_own_at_unit_length(
    tmp_path: Path, rng: np.random.Generator, spec: InputSpec
) -> None:
    path, weights = _network(tmp_path, rng)
    crops = rng.integers(0, 256, (7, 4, 4, 3), dtype=np.uint8)
    ordered = crops if spec.channels == "rgb" else crops[..., ::-1]
    images = (ordered.astype(np.float64).transpose(0, 3, 1, 2) - 127.5) / 127.5
    raw = images.reshape(7, -1) @ weights
    wanted = raw / np.linalg.norm(raw, axis=1, keepdims=True)

    vectors = OnnxEmbedder(path, manifest_of(path, dim=6, spec=spec)).embed(list(crops))

    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors, wanted, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


def test_many_batches_give_the_same_rows_as_one_by_one(
    tmp_path: Path, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("identity.embedders.onnx.BATCH_PIXELS", 48)  # three crops of 4 px a run
    path, _ = _network(tmp_path, rng)
    embedder = OnnxEmbedder(path, manifest_of(path, dim=6, spec=RGB))
    crops = list(rng.integers(0, 256, (8, 4, 4, 3), dtype=np.uint8))

    together = embedder.embed(crops)

    np.testing.assert_allclose(together, np.concatenate([embedder.embed([crop]) for crop in crops]), atol=1e-6)


def test_network_with_a_fixed_batch_serves_any_number_of_images(tmp_path: Path, rng: np.random.Generator) -> None:
    path, _ = _network(tmp_path, rng)
    free = OnnxEmbedder(path, manifest_of(path, dim=6, spec=RGB))
    crops = list(rng.integers(0, 256, (5, 4, 4, 3), dtype=np.uint8))
    wanted = free.embed(crops)
    _network(tmp_path, np.random.default_rng(5), batch=2)

    fixed = OnnxEmbedder(path, manifest_of(path, dim=6, spec=RGB)).embed(crops)

    np.testing.assert_allclose(fixed, wanted, atol=1e-6)


def test_no_images_give_no_rows(tmp_path: Path, rng: np.random.Generator) -> None:
    path, _ = _network(tmp_path, rng)

    assert OnnxEmbedder(path, manifest_of(path, dim=6, spec=RGB)).embed([]).shape == (0, 6)


def test_grey_and_colour_crops_meet_in_networks_of_either_kind(rng: np.random.Generator) -> None:
    grey = rng.integers(0, 256, (4, 4), dtype=np.uint8)
    colour = np.repeat(grey[:, :, None], 3, axis=2)

    np.testing.assert_array_equal(tensor([grey], GREY), tensor([colour], GREY))
    np.testing.assert_array_equal(tensor([grey], RGB), tensor([colour], RGB))
    np.testing.assert_allclose(tensor([grey], GREY)[0, :, :, 0], grey / 255, atol=1e-7)


@pytest.mark.parametrize("declared", [6, "unknown"])
def test_network_of_another_dimension_is_refused(
    tmp_path: Path, rng: np.random.Generator, declared: int | str
) -> None:
    weights = rng.standard_normal((48, 6))
    path = linear_network(tmp_path / "n.onnx", weights, shape=("n", 3, 4, 4), declared_dim=declared)

    with pytest.raises(ModelError, match="returns vectors of 6 numbers, but its manifest says 5"):
        OnnxEmbedder(path, manifest_of(path, dim=5, spec=RGB)).embed([np.zeros((4, 4, 3), np.uint8)])


def test_network_that_takes_another_size_is_refused(tmp_path: Path, rng: np.random.Generator) -> None:
    path, _ = _network(tmp_path, rng)
    spec = replace(RGB, size_px=8)

    with pytest.raises(ModelError, match=r"its manifest says \[3, 8, 8\]"):
        OnnxEmbedder(path, manifest_of(path, dim=6, spec=spec)).embed([np.zeros((8, 8, 3), np.uint8)])


def test_crop_of_another_size_is_refused(tmp_path: Path, rng: np.random.Generator) -> None:
    path, _ = _network(tmp_path, rng)

    with pytest.raises(ModelError, match="the network takes images of 4 x 4 px"):
        OnnxEmbedder(path, manifest_of(path, dim=6, spec=RGB)).embed([np.zeros((4, 5, 3), np.uint8)])


def test_nan_vectors_are_an_error_and_not_a_match(tmp_path: Path) -> None:
    path = linear_network(tmp_path / "n.onnx", np.full((48, 6), np.nan), shape=("n", 3, 4, 4))

    with pytest.raises(ModelError, match="NaN"):
        OnnxEmbedder(path, manifest_of(path, dim=6, spec=RGB)).embed([np.ones((4, 4, 3), np.uint8)])


def test_file_that_is_no_network_is_named_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "broken.onnx"
    path.write_bytes(b"not a network")

    with pytest.raises(ModelError, match=r"cannot load .*broken\.onnx") as caught:
        OnnxEmbedder(path, manifest_of(path, dim=6, spec=RGB)).embed([np.zeros((4, 4, 3), np.uint8)])

    assert "\n" not in str(caught.value)


def test_file_whose_names_are_no_text_is_named_in_one_line_and_nothing_is_printed(
    tmp_path: Path, rng: np.random.Generator, capfd: pytest.CaptureFixture[str]
) -> None:
    path, _ = _network(tmp_path, rng)
    before, after = path.read_bytes().rsplit(b"flat", 1)
    path.write_bytes(before + b"f\xaaat" + after)  # what is wrong with it is said with that name

    with pytest.raises(ModelError, match=r"\A[^\n]*cannot load [^\n]*\Z"):
        open_session(path)

    assert capfd.readouterr() == ("", "")


def test_fingerprint_changes_with_all_that_shapes_a_vector_and_not_with_the_name(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    path, _ = _network(tmp_path, rng)
    manifest = manifest_of(path, dim=6, spec=RGB)
    variants = [
        manifest,
        replace(manifest, sha256="0" * 64),
        replace(manifest, input=BGR),
        replace(manifest, input=replace(RGB, scale=1.0)),
        replace(manifest, input=replace(RGB, mean=(0.0, 0.0, 0.0))),
    ]
    prints = [OnnxEmbedder(path, one).fingerprint for one in variants]

    assert len(set(prints)) == len(prints)
    assert OnnxEmbedder(path, replace(manifest, name="other", source="elsewhere")).fingerprint == prints[0]
