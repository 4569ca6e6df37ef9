"""A world for workflows: a real store and real indexes, and a pipeline whose vectors a test can foresee."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from identity.core.distance import normalised
from identity.core.types import Box, Image, Region, SourceImage, Vectors
from identity.imaging.crops import encode
from identity.imaging.sources import content_of, read_sources
from identity.indexes.snapshot import SnapshotFolder
from identity.store.database import Database
from identity.store.galleries import Galleries
from identity.store.samples import SampleStore
from identity.workflows.describe import Pipeline
from identity.workflows.opened import OpenGallery

SIDE_PX = 4


class WholeImage:
    fingerprint = "whole"

    def detect(self, images: Sequence[Image]) -> list[list[Region]]:
        return [[Region(Box(0, 0, image.shape[1], image.shape[0]))] for image in images]


class BlackIsNothing:
    fingerprint = "as it is"

    def align(self, image: Image, region: Region) -> Image | None:
        return image if image.any() else None


class PixelsAsVector:
    fingerprint = "pixels"
    dim = SIDE_PX * SIDE_PX

    def __init__(self) -> None:
        self.embedded = 0

    def embed(self, crops: Sequence[Image]) -> Vectors:
        self.embedded += len(crops)
        return normalised(np.stack(crops).reshape(len(crops), -1).astype(np.float32))


@dataclass
class World:
    """An opened gallery, its embedder, and where its files are."""

    opened: OpenGallery
    embedder: PixelsAsVector
    database: Database
    home: Path

    def reopened(self) -> OpenGallery:
        return open_gallery(self.database, self.home, self.embedder)


def open_gallery(database: Database, home: Path, embedder: PixelsAsVector) -> OpenGallery:
    return OpenGallery(
        store=SampleStore(database, Galleries(database).get("test")),
        snapshots=SnapshotFolder(home / "indexes"),
        load_pipeline=lambda: Pipeline(WholeImage(), BlackIsNothing(), embedder),
        read=lambda images: iter(images) if isinstance(images, list) and images and isinstance(images[0], SourceImage)
        else read_sources([Path(image) for image in images]),
        encode_crop=encode,
        on_close=lambda: None,
    )  # fmt: skip


def world(home: Path) -> World:
    embedder = PixelsAsVector()
    database = Database.open(f"sqlite:///{home / 'identity.db'}")
    space = Pipeline(WholeImage(), BlackIsNothing(), embedder).space
    Galleries(database).create("test", model="pixels", detector="whole", space=space, dim=embedder.dim)
    return World(open_gallery(database, home, embedder), embedder, database, home)


def around(label: str, *, count: int, seed: int, spread: float = 25.0) -> Iterator[SourceImage]:
    """Images of one identity: its own pattern with noise of `spread` grey levels."""
    pattern = np.random.default_rng(sum(map(ord, label))).integers(40, 215, (SIDE_PX, SIDE_PX))
    rng = np.random.default_rng(seed)
    for row in range(count):
        noisy = pattern + rng.normal(0, spread, pattern.shape)
        yield picture(np.clip(noisy, 1, 255).astype(np.uint8), label=label, row=row, path=f"{label}-{seed}")


def picture(pixels: Image, *, label: str | None = None, row: int | None = None, path: str = "memory") -> SourceImage:
    height, width = pixels.shape
    return SourceImage("given", path, row, label, pixels, None, content_of(pixels), width, height)
