"""Claims about reading YuNet's outputs: where a cell lies, and which of overlapping faces stays."""

from __future__ import annotations

import numpy as np
import pytest

from identity.core.errors import ModelError
from identity.detectors.decoding import DetectedFaces, decode, suppress


def test_decoding_places_a_cell_as_the_network_means_it() -> None:
    outputs = {
        f"{kind}_{stride}": np.zeros((1, (64 // stride) * (32 // stride), size), np.float32)
        for stride in (8, 16, 32)
        for kind, size in (("cls", 1), ("obj", 1), ("bbox", 4), ("kps", 10))
    }
    cell = 1 * (64 // 16) + 2  # second row, third column of stride 16
    outputs["cls_16"][0, cell] = 0.81
    outputs["obj_16"][0, cell] = 1.0
    outputs["bbox_16"][0, cell] = [0.5, 0.25, np.log(2), np.log(1.5)]
    outputs["kps_16"][0, cell] = np.arange(10) / 10

    (faces,) = decode(outputs, width_px=64, min_score=0.6)

    np.testing.assert_allclose(faces.scores, [0.9], atol=1e-6)
    np.testing.assert_allclose(faces.boxes, [[40 - 16, 20 - 12, 40 + 16, 20 + 12]], atol=1e-4)
    np.testing.assert_allclose(faces.landmarks[0, 1], [(2 + 0.2) * 16, (1 + 0.3) * 16], atol=1e-4)


def test_network_that_is_not_yunet_is_refused() -> None:
    with pytest.raises(ModelError, match="has no output cls_8"):
        decode({}, width_px=32, min_score=0.5)


def test_overlapping_faces_leave_the_best_with_their_mean_landmarks() -> None:
    boxes = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [50, 50, 60, 60]], np.float32)
    landmarks = np.arange(3, dtype=np.float32)[:, None, None] * np.ones((1, 5, 2), np.float32)

    kept = suppress(DetectedFaces(boxes, np.array([0.6, 0.9, 0.7], np.float32), landmarks), max_overlap=0.3)

    np.testing.assert_allclose(kept.scores, [0.9, 0.7])
    np.testing.assert_array_equal(kept.boxes, boxes[[1, 2]])
    np.testing.assert_allclose(kept.landmarks[:, 0, 0], [0.6, 2.0])
