"""Claims about finding faces, on real photographs where they are here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pictures

from identity.core.errors import ModelError
from identity.core.types import Image, Region
from identity.detectors.yunet import YuNetDetector

DataSet = Callable[[str], Path]


@pytest.fixture(scope="module")
def weights(dataset: DataSet) -> Path:
    return dataset("weights/yunet") / "yunet_n_dynamic.onnx"


@pytest.fixture(scope="module")
def detector(weights: Path) -> YuNetDetector:
    return YuNetDetector(weights)


@pytest.fixture(scope="module")
def photographs(dataset: DataSet) -> list[Image]:
    files = sorted(dataset("faces/lfw").glob("deepfunneled_10plus/*/*.jpg"))[::240]
    return [np.asarray(Pictures.open(file).convert("RGB")) for file in files]


def _central(regions: Sequence[Region], x: float, y: float) -> Region:
    """The face whose box holds the point best."""
    def off(region: Region) -> float:
        return abs((region.box.x1 + region.box.x2) / 2 - x) + abs((region.box.y1 + region.box.y2) / 2 - y)

    return min(regions, key=off)


def _resized(image: Image, size: tuple[int, int]) -> Image:
    return np.asarray(Pictures.fromarray(image).resize(size, Pictures.Resampling.BICUBIC))


def test_every_photograph_has_its_face_with_landmarks_in_place(
    detector: YuNetDetector, photographs: list[Image]
) -> None:
    for regions in detector.detect(photographs):
        face = _central(regions, 125, 125)
        assert face.landmarks is not None
        right_eye, left_eye, nose, right_mouth, left_mouth = face.landmarks
        assert face.score > 0.8
        assert right_eye[0] < nose[0] < left_eye[0] or abs(right_eye[0] - left_eye[0]) < 40
        assert max(right_eye[1], left_eye[1]) < min(right_mouth[1], left_mouth[1])
        assert abs((face.box.x1 + face.box.x2) / 2 - 125) < 25


def test_a_batch_finds_what_single_images_find(detector: YuNetDetector, photographs: list[Image]) -> None:
    mixed = [photographs[0], photographs[1][:200, :170], photographs[2], photographs[3][20:]]

    for together, image in zip(detector.detect(mixed), mixed, strict=True):
        (alone,) = detector.detect([image])
        assert [region.box for region in together] == [region.box for region in alone]


@pytest.mark.parametrize("scale", [0.4, 2.0, 8.0])
def test_the_size_of_the_image_does_not_matter(
    detector: YuNetDetector, photographs: list[Image], scale: float
) -> None:
    side = round(250 * scale)
    (regions,) = detector.detect([_resized(photographs[0], (side, side))])
    (original,) = detector.detect([photographs[0]])
    here = _central(regions, side / 2, side / 2).landmarks
    there = _central(original, 125, 125).landmarks
    assert here is not None
    assert there is not None
    np.testing.assert_allclose(here / scale, there, atol=5)


def test_small_faces_of_a_large_photograph_are_found_by_the_closer_look(
    detector: YuNetDetector, photographs: list[Image]
) -> None:
    scene = np.full((2400, 3200, 3), 120, np.uint8)
    corners = [(100, 150), (1500, 1100), (2500, 1900)]
    for image, (x, y) in zip(photographs, corners, strict=False):
        scene[y : y + 125, x : x + 125] = _resized(image, (125, 125))

    (regions,) = detector.detect([scene])

    for x, y in corners:
        face = _central(regions, x + 62, y + 62)
        assert abs((face.box.x1 + face.box.x2) / 2 - x - 62) < 20
        assert abs((face.box.y1 + face.box.y2) / 2 - y - 62) < 20


def test_face_in_a_huge_panorama_is_found(detector: YuNetDetector, photographs: list[Image]) -> None:
    panorama = np.full((400, 16_000, 3), 90, np.uint8)
    panorama[80:330, 11_000:11_250] = photographs[0]

    (regions,) = detector.detect([panorama])

    assert abs((regions[0].box.x1 + regions[0].box.x2) / 2 - 11_125) < 30


def test_grey_photographs_have_faces_too(detector: YuNetDetector, photographs: list[Image]) -> None:
    grey = np.asarray(Pictures.fromarray(photographs[0]).convert("L"))

    assert detector.detect([grey])[0][0].score > 0.8


def test_boxes_stay_within_the_image(detector: YuNetDetector, photographs: list[Image]) -> None:
    cut = photographs[0][60:, 90:]

    for region in detector.detect([cut])[0]:
        assert 0 <= region.box.x1 < region.box.x2 <= cut.shape[1]
        assert 0 <= region.box.y1 < region.box.y2 <= cut.shape[0]


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 900), (3, 3), (31, 33, 3), (640, 640)])
def test_image_without_a_face_gives_no_region(detector: YuNetDetector, shape: tuple[int, ...]) -> None:
    assert detector.detect([np.full(shape, 128, np.uint8)]) == [[]]


def test_no_images_give_no_answers(detector: YuNetDetector) -> None:
    assert detector.detect([]) == []


def test_network_with_a_fixed_input_finds_the_same_faces(
    weights: Path, photographs: list[Image], tmp_path: Path
) -> None:
    onnx = pytest.importorskip("onnx")
    model = onnx.load(str(weights))
    sizes = model.graph.input[0].type.tensor_type.shape.dim
    for axis, size in zip(sizes, (1, 3, 640, 640), strict=True):
        axis.dim_value = size
    onnx.save(model, str(tmp_path / "fixed.onnx"))

    (fixed,) = YuNetDetector(tmp_path / "fixed.onnx").detect([photographs[0]])
    (free,) = YuNetDetector(weights).detect([photographs[0]])

    landmarks = _central(fixed, 125, 125).landmarks
    wanted = _central(free, 125, 125).landmarks
    assert landmarks is not None
    assert wanted is not None
    np.testing.assert_allclose(landmarks, wanted, atol=1)


def test_parameters_and_weights_are_in_the_fingerprint(weights: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.onnx"
    other.write_bytes(weights.read_bytes() + b"\0")
    prints = {
        YuNetDetector(weights).fingerprint,
        YuNetDetector(weights, min_score=0.7).fingerprint,
        YuNetDetector(weights, max_overlap=0.5).fingerprint,
        YuNetDetector(other).fingerprint,
    }

    assert len(prints) == 4


def test_broken_and_missing_weights_are_one_line(tmp_path: Path) -> None:
    (tmp_path / "broken.onnx").write_bytes(b"no network")

    with pytest.raises(ModelError, match=r"cannot load .*broken\.onnx"):
        YuNetDetector(tmp_path / "broken.onnx").detect([np.zeros((9, 9), np.uint8)])
    with pytest.raises(ModelError, match="cannot read the detector"):
        _ = YuNetDetector(tmp_path / "missing.onnx").fingerprint
