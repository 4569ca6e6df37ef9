"""A world for workflows: a real store and real indexes, and a pipeline whose vectors a test can foresee."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from databases import address_of, open_database

from identity.core.distance import unit_vectors
from identity.core.types import Box, Image, Region, SourceImage, Vectors
from identity.core.watching import OnUnread, nobody
from identity.gallery import Gallery
from identity.gallery.images import images_of
from identity.imaging.sources import content_of
from identity.indexes.snapshot_folder import SnapshotFolder
from identity.store.clusters import SqlClusters
from identity.store.galleries import SqlGalleries
from identity.store.samples import SampleStore
from identity.store.sql import SqlStore
from identity.store.transactions import SqlDatabase
from identity.workflows.describe import Pipeline
from identity.workflows.forgetting import finish_removals

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
        return unit_vectors(np.stack(crops).reshape(len(crops), -1).astype(np.float32))


@dataclass
class World:
    """An opened gallery, its embedder, and where its files are."""

    opened: Gallery
    embedder: PixelsAsVector
    database: SqlDatabase
    home: Path

    def reopened(self) -> Gallery:
        return open_gallery(self.database, self.home, self.embedder)


def open_gallery(database: SqlDatabase, home: Path, embedder: PixelsAsVector) -> Gallery:
    snapshots = SnapshotFolder(home / "indexes")
    return Gallery(
        store=SampleStore(database, SqlGalleries(database).get("test")),
        snapshots=snapshots,
        load_pipeline=lambda: Pipeline(WholeImage(), BlackIsNothing(), embedder),
        read=read,
        load_cluster_store=lambda: SqlClusters(database, SqlGalleries(database).get("test")),
        on_close=lambda: None,
        finish_removals=partial(finish_removals, SqlStore(database), snapshots),
    )


def read(images: object, *, on_unread: OnUnread = nobody) -> Iterator[SourceImage]:
    """Images that a test made already, or whatever else people give."""
    given = [images] if isinstance(images, SourceImage) else images
    decoded = isinstance(given, list) and given and isinstance(given[0], SourceImage)
    return iter(given) if decoded else images_of(given, on_unread=on_unread)


def world(home: Path) -> World:
    embedder = PixelsAsVector()
    database = open_database(address_of(home))
    space = Pipeline(WholeImage(), BlackIsNothing(), embedder).space
    SqlGalleries(database).create("test", model="pixels", detector="whole", space=space, dim=embedder.dim)
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


LABELS = ("a", "b", "c")


def calibrated_world(home: Path) -> World:
    """A gallery of three identities, 200 samples and 200 calibration samples each, alpha 5 %."""
    made = world(home)
    for label in LABELS:
        made.opened.enroll(list(around(label, count=400, seed=1)), calibration_fraction=0.5)
    made.opened.calibrate(alpha=0.05)
    return made


def probes(label: str, count: int, seed: int = 9) -> list[SourceImage]:
    return list(around(label, count=count, seed=seed))
