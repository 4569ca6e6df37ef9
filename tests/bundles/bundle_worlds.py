"""Galleries with something in every table, built through the store as the workflows do, and what they answer."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from databases import address_of

from identity.core.calibration import Calibration, ClassCalibration
from identity.core.clusters import ClusterEdit, LabelChanges, Run
from identity.core.distance import unit_vectors
from identity.core.face_quality import FaceMeasures
from identity.core.rules.conformal import calibrate
from identity.core.types import Box, GalleryRecord, NewSample, Role, SourceImage
from identity.store.opening import open_store
from identity.store.sql import SqlStore
from identity.workflows.moving import Entrance
from identity.zoo.folder import ModelFolder

DIM = 4
NO_MODELS = Entrance(ModelFolder(Path("/nowhere"), Path("/nowhere")))
SPACE = "s" * 64


@dataclass(frozen=True)
class Seen:
    """One sample of a drawn gallery: which image, which box in it, whose it is."""

    image: int
    box: int = 0
    identity: str | None = None
    role: Role = Role.GALLERY
    crop: bytes | None = b"crop"


def store_at(folder: Path) -> SqlStore:
    folder.mkdir(parents=True, exist_ok=True)
    return open_store(address_of(folder))


def create(store: SqlStore, name: str = "people", *, space: str = SPACE) -> GalleryRecord:
    return store.galleries.create(name, model="m", detector="d", space=space, dim=DIM)


def new_sample(seen: Seen) -> NewSample:
    number = seen.image * 100 + seen.box
    vector = unit_vectors(np.random.default_rng(number).normal(size=(1, DIM)))[0]
    content = hashlib.sha256(b"%d" % seen.image).digest()
    odd = b"caf\xe9.png" if seen.image % 5 == 0 else None
    image = SourceImage("src", f"{seen.image}.png", seen.image, content=content, width=9, height=9, path_bytes=odd)
    measures = FaceMeasures(9.5 + seen.box, 0.03, 0.8) if seen.image % 2 else None
    return NewSample(image, Box(seen.box, 0, 5, 5), vector, seen.identity, seen.role, 0.5, seen.crop, measures)


def enrol(store: SqlStore, gallery: GalleryRecord, some: list[Seen]) -> list[int]:
    """The ids of samples that go in image by image, as an enrolment does it."""
    return store.samples(gallery).add([new_sample(one) for one in some]).tolist()


def cluster(store: SqlStore, gallery: GalleryRecord, ids: list[int], *, note: str = "") -> Run:
    labels = LabelChanges(
        np.array(ids, np.int64), np.arange(len(ids), dtype=np.int64) % 3 - 1, np.arange(len(ids)) % 2 == 0
    )
    run = Run("dbscan", "full", eps=0.25, next_cluster=3, note=note, min_quality=0.5)
    return store.clusters(gallery).apply(run, labels, changes=store.clusters(gallery).state().changes)


def decide(store: SqlStore, gallery: GalleryRecord, edit: ClusterEdit) -> None:
    clusters = store.clusters(gallery)
    clusters.edit(edit, changes=clusters.state().changes)


def set_thresholds(store: SqlStore, gallery: GalleryRecord, *, last_sample: int | None = None) -> None:
    samples = store.samples(gallery)
    scores = {identity: np.array([0.1, 0.2, np.inf], np.float32) for identity in samples.identities()}
    made = calibrate(scores, space=SPACE, k=1, alpha=0.4)
    samples.put_calibration(replace(made, last_sample=last_sample))


def answers(store: SqlStore, name: str = "people") -> dict[str, Any]:
    """What a gallery says of itself, by names and contents and never by ids."""
    gallery = store.galleries.get(name)
    rows, clusters = store.rows(gallery), store.clusters(gallery)
    return {
        "counts": store.galleries.counts(gallery),
        "rows": rows.tables,
        "history": [replace(run, id=0) for run in clusters.runs()],
        "thresholds": comparable(store.samples(gallery).calibration(), store.samples(gallery).identities()),
        "broken": store.broken_seals(gallery),
    }


def comparable(made: Calibration | None, names: dict[int, str]) -> Any:
    if made is None:
        return None
    classes = {names[identity]: _entry(one) for identity, one in made.classes.items()}
    kept = (made.space, made.k, made.rule, made.facts, made.ratio, made.created_at, made.outdated)
    return classes, _entry(made.pooled), kept


def _entry(one: ClassCalibration) -> tuple[Any, ...]:
    return one.scores.tolist(), one.threshold, one.enough, one.stale
