"""A gallery of drawn people for clustering: a real store and the real methods; each person a direction of their own."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from identity.core.distance import normalised
from identity.core.types import Box, NewSample, Role, SourceImage
from identity.settings import from_environment
from identity.store.clusters import Clusters
from identity.store.database import Database
from identity.store.galleries import Galleries
from identity.store.samples import SampleStore
from identity.wiring import Home, model_folder
from identity.wiring.clusters import OpenClusters
from identity.wiring.methods import Methods
from identity.workflows.clustering import Asked

DIM = 32
EPS = 0.2


def opened(home: Path) -> OpenClusters:
    settings = from_environment(home=home, database=None)
    database = Database.open(settings.database)
    galleries = Galleries(database)
    if not galleries.list():
        galleries.create("test", model="m", detector="d", space="s", dim=DIM)
    gallery = galleries.get("test")
    return OpenClusters(
        Home(settings, database, model_folder(settings)),
        SampleStore(database, gallery),
        Clusters(database, gallery),
        Methods(),
        2,
    )


def of_person(person: int, count: int, *, seed: int, spread: float = 0.05) -> np.ndarray:
    """Vectors around a person's own direction, some 0.05 (cosine) from each other."""
    centre = np.random.default_rng(1000 + person).normal(size=DIM)
    noise = np.random.default_rng(seed).normal(size=(count, DIM)) * spread
    return normalised(centre / np.linalg.norm(centre) + noise)


def enroll(
    here: OpenClusters, vectors: np.ndarray, *, identity: str | None = None, photograph: str | None = None
) -> list[int]:
    """Sample ids; every vector from a photograph of its own, or all from one."""
    samples = []
    for at, vector in enumerate(vectors):
        name = photograph or hashlib.sha256(vector.tobytes()).hexdigest()
        image = SourceImage("in", f"in/{name}.png", content=hashlib.sha256(name.encode()).digest(), width=9, height=9)
        samples.append(NewSample(image, Box(at, 0, at + 4, 4), vector, identity, Role.GALLERY))
    return here.samples.add(samples).tolist()


def cluster(here: OpenClusters, **asked: object) -> tuple:
    """Plan and run, as `identity cluster` does."""
    return here.cluster(Asked(**{"eps": EPS, **asked}), show=lambda _plan: None, say=lambda _line: None)


def clusters_of(here: OpenClusters) -> dict[int, set[int]]:
    """Sample ids by cluster, as they are in force."""
    return {group.id: set(group.samples.tolist()) for group in here.groups()[1]}


def names_of(here: OpenClusters) -> dict[int, str | None]:
    return {group.id: group.identity for group in here.groups()[1]}
