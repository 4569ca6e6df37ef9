"""Claims about the face network made of its publisher's files: the known file, stored vectors, OpenVINO's answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from identity.bootstrap import load_pipeline
from identity.core.face_selection import only_largest
from identity.imaging.sources import read_sources
from identity.zoo.catalogue import REID_0095
from identity.zoo.folder import ModelFolder
from identity.zoo.openvino.converting import convert
from identity.zoo.pull import pull

NAME = "face-reidentification-retail-0095"
CLOSE = 1e-5
Dataset = Callable[[str], Path]


@pytest.fixture
def published(dataset: Dataset, tmp_path: Path) -> Path:
    """A folder of the two published files, and no ONNX file."""
    folder = tmp_path / "published"
    folder.mkdir()
    for ending in ("xml", "bin"):
        (folder / f"{NAME}.{ending}").symlink_to(dataset("weights/face-reid-0095") / f"{NAME}.{ending}")
    return folder


def units(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def made(published: Path) -> bytes:
    xml, weights = ((published / f"{NAME}.{ending}").read_bytes() for ending in ("xml", "bin"))
    return convert(xml, weights, name=NAME)


def test_it_is_byte_for_byte_the_file_that_the_catalogue_knows(
    published: Path, models: ModelFolder, dataset: Dataset
) -> None:
    pulled = pull("face-reid-0095", folder=models, mirror=published, offline=True)

    known = dataset("weights/face-reid-0095") / f"{NAME}.onnx"
    assert pulled.manifest == REID_0095.manifest
    assert pulled.path.read_bytes() == known.read_bytes()


def test_each_photograph_is_nearest_to_its_own_stored_vector(
    published: Path, models: ModelFolder, dataset: Dataset
) -> None:
    """The stored ones were cut out otherwise and rounded to half precision: near, not equal."""
    stored = np.load(dataset("faces/lfw") / "embeddings_face_reid_0095.npz")
    folder = min((dataset("faces/lfw") / "deepfunneled_10plus").iterdir())
    pull("face-reid-0095", folder=models, mirror=published, offline=True)
    pull("yunet", folder=models, mirror=dataset("weights/yunet"), offline=True)
    pipeline = load_pipeline(models, "face-reid-0095", "yunet")

    images = list(read_sources([folder]))
    faces = pipeline.align(images, only_largest(images, pipeline.regions(images)))
    ours = np.stack([row[0].vector for row in pipeline.embed(faces)])
    distances = 1 - ours @ units(stored["emb"].astype(np.float32)).T

    assert len(ours) >= 10
    nearest = stored["files"][distances.argmin(axis=1)].tolist()
    assert nearest == ["/".join(Path(image.path).parts[-2:]) for image in images]
    assert distances.min(axis=1).max() < 0.05


def test_openvino_itself_gives_the_same(published: Path) -> None:
    openvino = pytest.importorskip("openvino", reason="needs the package openvino")
    images = np.random.default_rng(0).integers(0, 256, (4, 3, 128, 128)).astype(np.float32)
    session = onnxruntime.InferenceSession(made(published))
    compiled = openvino.Core().compile_model(published / f"{NAME}.xml", "CPU", {"INFERENCE_PRECISION_HINT": "f32"})

    theirs = np.concatenate([next(iter(compiled(image[None]).values())).reshape(1, -1) for image in images])
    (ours,) = session.run(None, {"data": images})

    assert np.abs(units(ours) - units(theirs)).max() <= CLOSE
