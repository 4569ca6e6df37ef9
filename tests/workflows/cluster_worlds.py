"""A gallery of drawn people for clustering: a real store and the real methods; each person a direction of their own."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from databases import address_of, open_database

from identity.core.distance import unit_vectors
from identity.core.face_quality import FaceMeasures
from identity.core.model import InputSpec, ModelManifest, OperatingPoint
from identity.core.types import Box, NewSample, Role, SourceImage
from identity.gallery import Gallery
from identity.indexes.snapshot_folder import SnapshotFolder
from identity.store.clusters import SqlClusters
from identity.store.galleries import SqlGalleries
from identity.store.samples import SampleStore
from identity.store.sql import SqlStore
from identity.workflows.cluster.request import ClusterRequest
from identity.workflows.describe import Pipeline
from identity.workflows.forgetting import finish_removals

DIM = 32
EPS = 0.2
PEOPLE = ModelManifest("m", "face", "m.onnx", "0" * 64, 1, DIM, InputSpec("NCHW", 4, "grey", (0.0,), 1.0), "whole/1")


def opened(home: Path, *, points: tuple[OperatingPoint, ...] = (), address: str | None = None) -> Gallery:
    database = open_database(address or address_of(home))
    galleries = SqlGalleries(database)
    if not galleries.list():
        galleries.create("test", model="m", detector="d", space="s", dim=DIM)
    gallery = galleries.get("test")
    return Gallery(
        store=SampleStore(database, gallery),
        load_cluster_store=lambda: SqlClusters(database, gallery),
        snapshots=SnapshotFolder(home / "indexes"),
        load_pipeline=no_pipeline,
        on_close=database.close,
        finish_removals=partial(finish_removals, SqlStore(database), SnapshotFolder(home / "indexes")),
        model=lambda: replace(PEOPLE, operating_points=points),
    )


def no_pipeline() -> Pipeline:
    raise AssertionError("clustering embeds nothing")


def of_person(person: int, count: int, *, seed: int, spread: float = 0.05) -> np.ndarray:
    """Vectors around a person's own direction, some 0.05 (cosine) from each other."""
    centre = np.random.default_rng(1000 + person).normal(size=DIM)
    noise = np.random.default_rng(seed).normal(size=(count, DIM)) * spread
    return unit_vectors(centre / np.linalg.norm(centre) + noise)


def tilted(person: int, count: int, *, by: float, seed: int) -> np.ndarray:
    """Vectors around a direction that lies at an angle to a person's own: its tangent is `by`."""
    own = of_person(person, 1, seed=0, spread=0.0)[0]
    aside = np.random.default_rng(99).normal(size=own.shape)
    aside -= (aside @ own) * own
    found = of_person(person, count, seed=seed) + by * aside / np.linalg.norm(aside)
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


def enroll(
    here: Gallery,
    vectors: np.ndarray,
    *,
    identity: str | None = None,
    photograph: str | None = None,
    measures: FaceMeasures | None = None,
) -> list[int]:
    """Sample ids; every vector from a photograph of its own, or all from one; `measures` are those of each."""
    samples = []
    for at, vector in enumerate(vectors):
        name = photograph or hashlib.sha256(vector.tobytes()).hexdigest()
        image = SourceImage("in", f"in/{name}.png", content=hashlib.sha256(name.encode()).digest(), width=9, height=9)
        samples.append(NewSample(image, Box(at, 0, at + 4, 4), vector, identity, Role.GALLERY, measures=measures))
    return here.store.add(samples).tolist()


def cluster(here: Gallery, **asked: object) -> tuple:
    """Plan and run, as `identity cluster` does."""
    return here.clusters.run(ClusterRequest(**{"eps": EPS, **asked}))


def clusters_of(here: Gallery) -> dict[int, set[int]]:
    """Sample ids by cluster, as they are in force."""
    return {group.id: set(group.samples.tolist()) for group in here.clusters.groups()}


def names_of(here: Gallery) -> dict[int, str | None]:
    return {group.id: group.identity for group in here.clusters.groups()}


def decide(here: Gallery, verb, *arguments, **options) -> None:
    here.people._edit(lambda at: verb(at, *arguments, **options), print)


def identities(here: Gallery, samples: list[int]) -> list[str | None]:
    held = here.samples.get(samples)
    return [held[sample].identity for sample in samples]


def both_runs(here: Gallery):
    """What holds must hold after an incremental and after a full run."""
    for full in (False, True):
        cluster(here, full=full)
        yield full
