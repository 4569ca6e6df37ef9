"""Calibrating a gallery of 100,000 faces of 5,000 people, and evaluating it with 10,000 probes.

    python scripts/bench/large_evaluation.py --json large_evaluation.json

The gallery is that of `large_galleries`. Calibration compares 10,000 faces with all, twice, and its baseline is the
bare matrix product of the same. The evaluation asks with 10,000 vectors in place of photographs, half of strangers, and
compares all pairs of the others; its baseline is `faiss.IndexFlatIP` with the 5 nearest of each probe.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from face_like import spread_of_faces
from large_galleries import EACH, LARGE, add_networks, compared, face_gallery
from reporting import arguments, report, timed

from identity import bootstrap
from identity.core.types import Box, Region, Role, SourceImage
from identity.gallery import Gallery
from identity.workflows.describe import Pipeline
from identity.workflows.evaluate.people import evaluate_people

PROBES, BLOCK = 10_000, 256


class Numbered:
    """Detector, aligner and network at once: an image's pixels are the number of its vector."""

    fingerprint = "numbered"

    def __init__(self, vectors: np.ndarray) -> None:
        self.vectors, self.dim = vectors, vectors.shape[1]

    def detect(self, images: Sequence[np.ndarray]) -> list[list[Region]]:
        return [[Region(Box(0, 0, 4, 1))] for _ in images]

    def align(self, image: np.ndarray, region: Region) -> np.ndarray:  # noqa: ARG002
        return image

    def embed(self, crops: Sequence[np.ndarray]) -> np.ndarray:
        return self.vectors[np.stack(crops).view(np.int32).ravel()]


def asked(vectors: np.ndarray, labels: Sequence[str], kind: str) -> list[SourceImage]:
    """Images whose pixels are the numbers of these vectors."""
    numbers = np.arange(len(vectors), dtype=np.int32).view(np.uint8).reshape(-1, 1, 4)
    return [
        SourceImage(kind, f"{kind}/{row}", None, label, pixels, content=f"{kind}{row}".encode(), width=4, height=1)
        for row, (label, pixels) in enumerate(zip(labels, numbers, strict=True))
    ]


def whole_gallery(gallery: Gallery, data: Path) -> Iterator[dict[str, Any]]:
    """Calibration and evaluation."""
    _, held = gallery.store.all_vectors(Role.GALLERY)
    out = np.empty((BLOCK, len(held.vectors)), np.float32)

    def products() -> None:
        for low in [*range(0, PROBES, BLOCK)] * 2:
            part = held.vectors[low : min(low + BLOCK, PROBES)]
            np.matmul(part, held.vectors.T, out=out[: len(part)])

    yield compared("calibrate", timed(gallery.calibrate), "the same products", timed(products))
    people, n = LARGE // EACH, PROBES // 2
    spread = spread_of_faces(data, held.vectors.shape[1])
    centres, who = spread.people(people + n, seed=1), np.random.default_rng(7).integers(0, people, n)
    known, unknown = (spread.photographs(centres, of, seed=9) for of in (who, people + np.arange(n)))
    both = np.concatenate([known, unknown])
    context = gallery.search_context()

    def evaluated() -> None:
        stand_in = Numbered(both)
        evaluate_people(
            asked(known, [f"person {one}" for one in who], "known"),
            [asked(both, [""] * len(both), "asked")[n:]],
            pipeline=Pipeline(stand_in, stand_in, stand_in), store=gallery.store, context=context, groups={},
            on_progress=lambda _count: None,
        )  # fmt: skip

    flat = faiss.IndexFlatIP(held.vectors.shape[1])
    flat.add(held.vectors)
    yield compared("evaluate, 10,000 probes", timed(evaluated), "FlatIP", timed(lambda: flat.search(both, 5)))


def main() -> None:
    options = arguments(__doc__).parse_args()
    with tempfile.TemporaryDirectory() as name, bootstrap.open_home(home=Path(name) / "home") as home:
        add_networks(home, options.data)
        rows = list(whole_gallery(face_gallery(home, options.data, size=LARGE), options.data))
    report("large-evaluation", rows, file=options.json)


if __name__ == "__main__":
    main()
