"""Claims about VGG-Face: the paper's layers, the published file's layout, and the numbers of an independent network."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
pytest.importorskip("h5py", reason="needs the extra 'train'")
pytest.importorskip("keras", reason="needs the extra 'train'")

import h5py
from vggface_files import NARROW_BLOCKS, NARROW_CONNECTED, Layers, forward, random_layers, write_keras2

from identity.core.distance import unit_vectors
from identity.core.errors import ModelError
from identity.embedders import vggface
from identity.embedders.onnx import OnnxEmbedder
from identity.embedders.vggface_weights import read_weights
from identity.workflows.convert_vggface import convert_vggface, photographs
from identity.zoo import manifest as manifests


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same network with few channels: 145 million weights take too long for every run."""
    monkeypatch.setattr(vggface, "BLOCKS", NARROW_BLOCKS)
    monkeypatch.setattr(vggface, "FULLY_CONNECTED", NARROW_CONNECTED)


@pytest.fixture(scope="module")
def layers() -> Layers:
    return random_layers(np.random.default_rng(7))


def test_network_has_the_papers_37_operations_of_which_22_are_counted_as_layers(narrow: None) -> None:
    kinds = Counter(type(layer).__name__ for layer in vggface.sequential().layers)

    fully_connected = len(NARROW_CONNECTED)
    assert kinds["Conv2D"] - fully_connected == 13
    assert (kinds["ReLU"], kinds["MaxPooling2D"], kinds["Softmax"]) == (15, 5, 1)
    assert 13 + 15 + 5 + fully_connected + 1 == 37
    assert kinds["Conv2D"] + kinds["MaxPooling2D"] + kinds["Softmax"] == 22
    assert set(kinds) == {"Conv2D", "ReLU", "MaxPooling2D", "Softmax", "ZeroPadding2D", "Dropout", "Flatten"}


def test_full_size_network_has_the_papers_145_million_weights() -> None:
    shapes = vggface._kernel_shapes()

    assert len(shapes) == 16
    assert sum(int(np.prod(shape)) + shape[-1] for shape in shapes) == 145_002_878
    assert (shapes[0], shapes[13], shapes[15]) == ((3, 3, 3, 64), (7, 7, 512, 4096), (1, 1, 4096, 2622))


def test_converted_file_gives_the_numbers_of_an_independent_network(
    narrow: None, layers: Layers, tmp_path: Path
) -> None:
    write_keras2(tmp_path / "vgg_face_weights.h5", layers)
    (tmp_path / "model").mkdir()
    folder = convert_vggface(tmp_path / "vgg_face_weights.h5", tmp_path / "model")
    manifest = manifests.read(folder / "manifest.json")
    crops = photographs()[1:3]

    served = OnnxEmbedder(folder / manifest.file, manifest).embed(crops)

    wanted = unit_vectors(np.stack([forward(crop, layers) for crop in crops]).astype(np.float32))
    assert served.shape == (2, 2622)
    np.testing.assert_allclose(served, wanted, atol=1e-5)
    assert np.abs(served[0] - served[1]).max() > 1e-3


def test_same_weights_give_the_same_bytes_and_so_the_same_space(narrow: None, layers: Layers, tmp_path: Path) -> None:
    write_keras2(tmp_path / "weights.h5", layers)
    made = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        made.append(convert_vggface(tmp_path / "weights.h5", tmp_path / name) / "model.onnx")

    assert made[0].read_bytes() == made[1].read_bytes()


def test_keras_itself_reads_the_layout_the_test_writes(narrow: None, layers: Layers, tmp_path: Path) -> None:
    network = vggface.sequential()
    network.load_weights(str(write_keras2(tmp_path / "weights.h5", layers)))

    mine = read_weights(tmp_path / "weights.h5")

    loaded = [layer.get_weights() for layer in network.layers if layer.weights]
    assert len(mine) == len(loaded) == 16
    for (kernel, bias), (wanted_kernel, wanted_bias) in zip(mine, loaded, strict=True):
        np.testing.assert_array_equal(kernel, wanted_kernel)
        np.testing.assert_array_equal(bias, wanted_bias)


def test_whole_saved_model_is_read_as_its_weights_are(layers: Layers, tmp_path: Path) -> None:
    write_keras2(tmp_path / "weights.h5", layers)
    with h5py.File(tmp_path / "weights.h5") as source, h5py.File(tmp_path / "model.h5", "w") as whole:
        whole.create_group("model_weights").attrs.update(source.attrs)
        for name in source:
            source.copy(name, whole["model_weights"])

    for mine, wanted in zip(read_weights(tmp_path / "model.h5"), layers, strict=True):
        np.testing.assert_array_equal(mine[0], wanted[0])


def test_damaged_and_foreign_files_are_named_in_one_line(layers: Layers, tmp_path: Path) -> None:
    whole = write_keras2(tmp_path / "whole.h5", layers)
    (tmp_path / "cut.h5").write_bytes(whole.read_bytes()[:20_000])
    (tmp_path / "text.h5").write_text("no weights")
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file.create_dataset("numbers", data=[1, 2, 3])

    for name in ("cut.h5", "text.h5", "other.h5", "missing.h5"):
        with pytest.raises(ModelError, match=rf"{name} is not a file of Keras weights, or is damaged") as caught:
            read_weights(tmp_path / name)
        assert "\n" not in str(caught.value)


def test_weights_of_another_network_are_refused(narrow: None, layers: Layers) -> None:
    pairs = [[kernel, bias] for kernel, bias in layers]
    holed = [[kernel.copy(), bias] for kernel, bias in layers]
    holed[4][0][0, 0, 0, 0] = np.nan

    for wrong, said in (
        (pairs[:-1], "the file has 15 layers with weights, but VGG-Face has 16"),
        ([pairs[1], *pairs[1:]], "layer 1 of the file has shape"),
        (holed, "layer 5 of the file holds NaN"),
    ):
        with pytest.raises(ModelError, match=said):
            vggface.descriptor(wrong)
