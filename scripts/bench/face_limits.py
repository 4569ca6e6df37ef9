"""Where the limits of a face's quality come from: how far a network sees a sharp face from its own worse copies.

    python scripts/bench/face_limits.py --json limits.json

Main faces of LFW's photographs, drawn without their names, are made smaller, blurred (Gaussian, motion) or half
covered. The landmarks are those of the good photograph, so only the network is asked; the detector's score of each
copy is measured beside it. No label is used.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter
from reporting import arguments, report

from identity.bootstrap import load_pipeline, model_folder
from identity.core.face_measuring import measures_of
from identity.core.face_selection import largest
from identity.core.types import Box, Region
from identity.settings import from_environment
from identity.workflows.describe import Pipeline

Face = tuple[Image.Image, np.ndarray]  # a photograph and the landmarks of its face
EYES_PX = (30, 20, 16, 14, 12, 10, 8, 6)
GAUSSIAN_PX = (1, 1.5, 2, 2.5, 3, 4, 5, 6)
MOTION_PX = (5, 9, 15)
COVERED = (0.25, 0.5)


def pipeline_of(root: Path) -> Pipeline:
    models = model_folder(from_environment(home=Path(tempfile.mkdtemp()), database=None))
    models.add(root / "weights/yunet/yunet_n_dynamic.onnx")
    models.add(root / "weights/face-reid-0095/face-reidentification-retail-0095.onnx")
    return load_pipeline(models, model="face-reid-0095", detector="yunet")


def main_faces(pipeline: Pipeline, files: list[Path]) -> list[Face]:
    """The largest face of each photograph."""
    found = []
    for file in files:
        picture = Image.open(file).convert("RGB")
        region = largest(pipeline.detector.detect([np.asarray(picture)])[0], (picture.height, picture.width))
        assert region.landmarks is not None
        found.append((picture, region.landmarks))
    return found


def copies(faces: list[Face]) -> Iterator[tuple[str, list[Face]]]:
    """Every way of making a face worse, in a word, and all faces made so."""
    yield "as it is", faces
    for eyes in EYES_PX:
        yield f"{eyes} px from eye to eye", [_smaller(face, eyes) for face in faces]
    for radius in GAUSSIAN_PX:
        blur = ImageFilter.GaussianBlur(radius)
        yield f"Gaussian blur {radius:g} px", [(picture.filter(blur), at) for picture, at in faces]
    for length in MOTION_PX:
        yield f"motion blur {length} px", [(moved(picture, length), at) for picture, at in faces]
    for share in COVERED:
        yield f"lower {share:.0%} covered", [_covered(face, share) for face in faces]


def _smaller(face: Face, eyes: float) -> Face:
    picture, landmarks = face
    times = eyes / float(np.hypot(*(landmarks[1] - landmarks[0])))
    small = picture.resize((round(picture.width * times), round(picture.height * times)), Image.Resampling.LANCZOS)
    return small, landmarks * (small.width / picture.width)


def moved(picture: Image.Image, length: int) -> Image.Image:
    pixels = np.asarray(picture).astype(np.float32)
    mean = sum(np.roll(pixels, step - length // 2, axis=1) for step in range(length)) / length
    return Image.fromarray(np.asarray(mean, np.uint8))


def _covered(face: Face, share: float) -> Face:
    picture, landmarks = face
    top, bottom = landmarks[:, 1].min() - 20, landmarks[:, 1].max() + 30
    pixels = np.array(picture)
    pixels[int(bottom - share * (bottom - top)) : int(bottom)] = 0
    return Image.fromarray(pixels), landmarks


def described(pipeline: Pipeline, faces: list[Face]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Vectors, sharpness, and the detector's score (0 where it finds nothing there) of all faces."""
    regions = [Region(Box(0, 0, *picture.size), 1.0, at.astype(np.float32)) for picture, at in faces]
    cut = zip(faces, regions, strict=True)
    crops = [pipeline.aligner.align(np.asarray(picture), region) for (picture, _), region in cut]
    measured = [measures_of(region, crop) for region, crop in zip(regions, crops, strict=True)]
    vectors = pipeline.embedder.embed([crop for crop in crops if crop is not None])
    scores = [_score(pipeline, picture, at.mean(axis=0)) for picture, at in faces]
    return vectors, np.array([one.sharpness for one in measured if one]), np.array(scores)


def _score(pipeline: Pipeline, picture: Image.Image, middle: np.ndarray) -> float:
    x, y = middle
    found = pipeline.detector.detect([np.asarray(picture)])[0]
    return max((r.score for r in found if r.box.x1 <= x <= r.box.x2 and r.box.y1 <= y <= r.box.y2), default=0.0)


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--faces", type=int, default=200)
    asked = parser.parse_args()
    files = sorted((asked.data / "faces/lfw/deepfunneled_10plus").rglob("*.jpg"))
    chosen = np.random.default_rng(0).choice(len(files), asked.faces, replace=False)
    pipeline, rows = pipeline_of(asked.data), []
    faces, first = main_faces(pipeline, [files[i] for i in sorted(chosen)]), None
    for name, worse in copies(faces):
        vectors, sharpness, scores = described(pipeline, worse)
        first = vectors if first is None else first
        own = 1 - np.einsum("ij,ij->i", first, vectors)
        rows.append(
            {"copy": name, "sharpness": float(np.median(sharpness)), "own_median": float(np.median(own)),
             "own_99": float(np.percentile(own, 99)), "score_1": float(np.percentile(scores, 1)),
             "score_median": float(np.median(scores))}
        )  # fmt: skip
    report("face-limits", rows, file=asked.json, faces=asked.faces)


if __name__ == "__main__":
    main()
