"""A whole training, small: the loss falls, and what is exported is what was trained."""

import contextlib
import csv
import hashlib
import json
import sys
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from identity.core.errors import TrainingError
from identity.training import RECIPES, train
from identity.training.batches import Mixture
from identity.training.recipes import Corpus


@pytest.fixture(scope="module")
def scans() -> Corpus:
    from sklearn.datasets import load_digits

    bundled = load_digits()
    images = np.pad(bundled.images.repeat(3, axis=1).repeat(3, axis=2), ((0, 0), (2, 2), (2, 2)))
    return Corpus((images * (255 / 16)).astype(np.uint8), bundled.target, "uci", "0" * 64)


@pytest.fixture(scope="module")
def monkeypatch_module():
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def corpus(scans, monkeypatch_module):
    """For 30 steps of 50 or 100 images: a processor without bfloat16 takes seconds for one of the full size."""
    pytest.importorskip("tensorflow")
    pytest.importorskip("tf2onnx")
    from identity.training import classic, network, triplet

    few = Mixture(per_class=3, turned=2, glyphs=3, loners=4, families=300)
    monkeypatch_module.setattr(triplet, "TripletRecipe", partial(triplet.TripletRecipe, mixture=few))
    monkeypatch_module.setattr(classic, "ClassicRecipe", partial(classic.ClassicRecipe, batch=32))
    monkeypatch_module.setattr(network, "SETTLING_ROUNDS", 60)  # enough for a network of 30 steps
    return replace(scans, images=scans.images[:900], labels=scans.labels[:900])


@pytest.fixture(scope="module", params=RECIPES)
def trained(request, corpus, tmp_path_factory):
    steps = []
    folder = train(
        corpus, recipe=request.param, epochs=1, seed=0, folder=tmp_path_factory.mktemp("models") / "tiny",
        name="tiny", on_step=lambda done, total, loss: steps.append((done, total, loss)),
    )  # fmt: skip
    return folder, steps


def embedded(folder, images):
    import onnxruntime

    session = onnxruntime.InferenceSession(str(folder / "model.onnx"), providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: images.astype(np.float32)[..., None] / 255})[0]


def test_the_loss_falls(trained):
    losses = [loss for _, _, loss in trained[1]]
    assert np.mean(losses[-5:]) < 0.8 * np.mean(losses[:3])


def test_every_step_is_reported_in_order(trained):
    done = [step for step, _, _ in trained[1]]
    assert done == list(range(1, trained[1][0][1] + 1))


def test_the_manifest_speaks_of_the_file_beside_it(trained):
    folder, steps = trained
    manifest = json.loads((folder / "manifest.json").read_text())
    content = (folder / manifest["file"]).read_bytes()
    assert (manifest["sha256"], manifest["bytes"]) == (hashlib.sha256(content).hexdigest(), len(content))
    assert manifest["schema"] == "identity.model/1"
    assert manifest["training"]["curve"][-1][0] <= len(steps)


def test_the_loss_curve_is_kept_whole(trained):
    folder, steps = trained
    with (folder / "loss.csv").open() as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["step", "loss"]
    assert len(rows) == len(steps) + 1


def test_the_export_takes_any_batch_and_an_image_does_not_depend_on_its_batch(trained, scans):
    folder, _ = trained
    together = embedded(folder, scans.images[:33])
    alone = np.concatenate([embedded(folder, scans.images[row : row + 1]) for row in range(3)])
    assert together.shape == (33, json.loads((folder / "manifest.json").read_text())["dim"])
    assert alone == pytest.approx(together[:3], abs=1e-4)


def test_digits_of_a_class_lie_nearer_than_others(trained, scans):
    vectors = embedded(trained[0], scans.images[:600])
    vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    similar = vectors @ vectors.T
    same = scans.labels[:600, None] == scans.labels[None, :600]
    assert (1 - similar[~same]).mean() > 2 * (1 - similar[same]).mean()


def test_without_the_extra_the_cure_is_named(monkeypatch, scans, tmp_path):
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    with pytest.raises(TrainingError, match=r"pip install 'identity-search\[train\]'"):
        train(scans, recipe="triplet", epochs=1, seed=0, folder=tmp_path / "m", name="m", on_step=lambda *_: None)


def test_an_unknown_recipe_is_refused(scans, tmp_path):
    pytest.importorskip("tensorflow")
    pytest.importorskip("tf2onnx")
    with pytest.raises(TrainingError, match="choose one of"):
        train(scans, recipe="magic", epochs=1, seed=0, folder=tmp_path / "m", name="m", on_step=lambda *_: None)


def round_to_bfloat16(path):
    """Leave 8 significant bits of every weight of an ONNX file, as a converter that shrinks files would."""
    import onnx
    from onnx import numpy_helper

    network = onnx.load(path)
    for weight in network.graph.initializer:
        values = numpy_helper.to_array(weight)
        if values.dtype == np.float32:
            rounded = (values.view(np.uint32) + 0x8000 & 0xFFFF0000).astype(np.uint32).view(np.float32)
            weight.CopyFrom(numpy_helper.from_array(rounded.reshape(values.shape), weight.name))
    onnx.save(network, path)


@pytest.mark.parametrize("rounded", [False, True])
def test_an_export_whose_weights_lost_precision_is_refused_and_a_whole_one_is_not(
    monkeypatch, scans, tmp_path, rounded
):
    pytest.importorskip("tensorflow")
    pytest.importorskip("tf2onnx")
    from identity.training import export, network

    def convert(model, path):
        to_onnx(model, path)
        if rounded:
            round_to_bfloat16(path)

    to_onnx = export._to_onnx
    monkeypatch.setattr(export, "_to_onnx", convert)
    refused = pytest.raises(TrainingError, match=r"Keras and ONNX differ by \S+ on real images, more than 0\.0001")
    with refused if rounded else contextlib.nullcontext():
        export.export(
            network.embedding_network(dim=4), folder=tmp_path / "m", name="m", images=scans.images,
            curve=[(1, 1.0)], facts={},
        )  # fmt: skip
    assert [path.name for path in tmp_path.iterdir()] == ([] if rounded else ["m"])
