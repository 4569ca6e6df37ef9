"""Samples to put into a gallery: each number is its own image, with a vector of its own."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
from sqlalchemy import URL

from identity.core.types import Box, NewSample, Role, SourceImage

DIM = 8


def new_image(number: int) -> SourceImage:
    content = hashlib.sha256(b"%d" % number).digest()
    pixels = np.zeros((28, 20), np.uint8)
    return SourceImage("train", f"train/{number}.png", label=None, pixels=pixels, content=content)


def new_samples(
    first: int, count: int, *, identity: str | None = "7", role: Role = Role.GALLERY, dim: int = DIM
) -> list[NewSample]:
    vectors = np.random.default_rng(first).normal(size=(count, dim)).astype(np.float32)
    box = Box(0, 0, 20, 28)
    return [
        NewSample(new_image(first + i), box, vectors[i], identity, role, score=0.5, crop=b"crop of %d" % (first + i))
        for i in range(count)
    ]


def url_of(path: Path) -> str:
    """The database URL of a file, whatever characters its path has."""
    return URL.create("sqlite", database=str(path)).render_as_string(hide_password=False)
