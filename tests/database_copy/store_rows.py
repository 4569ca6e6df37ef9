"""A database of forty samples, the same each time, with something in the tables that hang on them."""

from __future__ import annotations

import zlib

import numpy as np
from copy_worlds import Rows

SAMPLES = 40


def many_rows(*, names: str = "name", dim: int = 3) -> Rows:
    """Rows by table, owners first."""
    at = "2026-01-31T12:00:00+00:00"
    numbers = range(1, SAMPLES + 1)
    vectors = np.random.default_rng(0).normal(size=(SAMPLES, dim)).astype("<f4")
    packed = [vector.tobytes() for vector in vectors]
    return {
        "gallery": [
            {"id": 1, "uuid": "u", "name": "g", "model": "m", "detector": "d", "space": "s", "dim": dim, "changes": 7}
            | {"created_at": at}
        ],
        "identity": [{"id": n, "gallery_id": 1, "name": f"{names} {n}"} for n in numbers],
        "image": [
            {"id": n, "gallery_id": 1, "content": b"%d" % n, "source": "s", "path": f"{n}.png", "row": None}
            | {"width": 9, "height": 9, "skipped": None, "path_bytes": None}
            for n in numbers
        ],
        "sample": [
            {"id": n, "gallery_id": 1, "image_id": n, "identity_id": n, "role": "gallery", "x1": 0, "y1": 0, "x2": 9}
            | {"y2": 9, "score": 0.5, "created_at": at}
            for n in numbers
        ],
        "vector": [
            {"sample_id": n, "vector": one, "crc32": zlib.crc32(one)} for n, one in zip(numbers, packed, strict=True)
        ],
        "crop": [{"sample_id": n, "image": b"crop %d" % n} for n in numbers],
        "file": [
            {"gallery_id": 1, "path": b"/a/%d.png" % n, "image_id": n, "size": n, "mtime_ns": n} for n in numbers
        ],
        "shipped": [{"name": "digits-2", "installed_at": at}],
    }
