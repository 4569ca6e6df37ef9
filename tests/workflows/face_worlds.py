"""A world of people: a detector that finds every lit square of a photograph, and photographs made of squares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from worlds import BlackIsNothing, PixelsAsVector, World, open_gallery, world

from identity.core.face_selection import FaceRules
from identity.core.model import InputSpec, ModelManifest, OperatingPoint
from identity.core.types import Box, Image, Region, SourceImage
from identity.imaging.sources import content_of
from identity.store.galleries import SqlGalleries
from identity.workflows.describe import Pipeline

SIDE = 4
POINTS = tuple(OperatingPoint(fmr, at) for fmr, at in ((1e-2, 0.12), (1e-3, 0.08), (1e-5, 0.04)))
MODEL = ModelManifest(
    "pixels", "face", "m.onnx", "0" * 64, 1, 16, InputSpec("NCHW", 4, "grey", (0.0,), 1.0), "whole/1",
    operating_points=POINTS,
)  # fmt: skip
RULES = FaceRules(min_face_px=2, min_sharpness=0)


class EverySquare:
    """A photograph is a row of 4 x 4 squares; each that is not black is a face, less sure where it is dark."""

    fingerprint = "squares"

    def detect(self, images: Sequence[Image]) -> list[list[Region]]:
        return [[found for x in range(0, image.shape[1], SIDE) for found in self._face(image, x)] for image in images]

    def _face(self, image: Image, x: int) -> list[Region]:
        square = image[:SIDE, x : x + SIDE]
        return [Region(Box(x, 0, x + SIDE, SIDE), float(square.max()) / 255)] if square.any() else []


class Cut(BlackIsNothing):
    def align(self, image: Image, region: Region) -> Image | None:
        return image[region.box.y1 : region.box.y2, region.box.x1 : region.box.x2]


def people(home: Path, *, model: ModelManifest | None = MODEL) -> World:
    """A world whose gallery `faces` shows people."""
    made = world(home)
    pipeline = Pipeline(EverySquare(), Cut(), PixelsAsVector())
    SqlGalleries(made.database).delete("test")
    SqlGalleries(made.database).create("test", model="pixels", detector="squares", space=pipeline.space, dim=16)
    opened = open_gallery(made.database, home, made.embedder)
    opened.load_pipeline = lambda: Pipeline(EverySquare(), Cut(), made.embedder)
    opened.model = lambda: model
    return replace(made, opened=opened)


def face(person: int, shot: int = 0, *, spread: float = 14.0) -> Image:
    pattern = np.random.default_rng(person).integers(40, 215, (SIDE, SIDE))
    noisy = pattern + np.random.default_rng((person, shot)).normal(0, spread, pattern.shape)
    return np.clip(noisy, 1, 255).astype(np.uint8)


def photograph(*faces: Image, label: str | None = None, path: str = "p.jpg") -> SourceImage:
    pixels = np.concatenate(faces, axis=1)
    return SourceImage("given", path, None, label, pixels, None, content_of(pixels), pixels.shape[1], SIDE)


def album(count: int, each: int, *, first: int = 0) -> list[SourceImage]:
    return [
        photograph(face(person, shot), label=f"p{person}", path=f"{person}-{shot}.jpg")
        for person in range(first, first + count)
        for shot in range(each)
    ]


NOTHING = np.zeros((SIDE, SIDE), np.uint8)
