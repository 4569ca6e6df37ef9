"""A gallery's samples as one table: where each was seen, who it is, its cluster and its vector."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from identity.bundles.parquet import Chunk, require_pyarrow, write_table
from identity.core.clusters import ClusterState, ClusterStore
from identity.core.ports import GalleryStore
from identity.core.shown import shown_name
from identity.core.stopping import STOPPING
from identity.core.types import Role, SeenImage, Vectors
from identity.workflows.cluster.groups import groups_of, proposed_names

PAGE = 2000  # images
_OF_RUN = ("id", "algo", "mode", "eps", "min_samples", "min_cluster_size", "created_at")


@dataclass(frozen=True, slots=True)
class TableExport:
    """How many rows were written, of vectors of how many numbers, and the size of the file in bytes."""

    gallery: str
    rows: int
    dim: int
    size: int


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of samples, by id: row of the vector, cluster, and the name that the cluster proposes."""

    vectors: Vectors
    at: Mapping[int, int]
    clusters: Mapping[int, int]
    proposed: Mapping[int, str]


def export_table(store: GalleryStore, clusters: ClusterStore, path: Path) -> TableExport:
    """Write every sample of a gallery to a Parquet file. Raises `UsageError` where PyArrow is not installed."""
    require_pyarrow()
    gallery, state = store.gallery, clusters.state()
    known = _known(store, state)
    facts = {"gallery": gallery.name, "model": gallery.model, "detector": gallery.detector, "space": gallery.space}
    run = None if state.run is None else {name: getattr(state.run, name) for name in _OF_RUN}
    rows, size = write_table(path, {**facts, "run": run}, _chunks(store, known), dim=gallery.dim)
    return TableExport(gallery.name, rows, gallery.dim, size)


def _known(store: GalleryStore, state: ClusterState) -> _Known:
    _, others = store.all_vectors(Role.CALIBRATION)
    ids = [*state.ids.tolist(), *others.ids.tolist()]
    seen = state.seen.tolist()
    labels = zip(state.ids.tolist(), state.labels.tolist(), seen, strict=True)
    return _Known(
        np.concatenate([state.vectors, others.vectors]),
        {sample: row for row, sample in enumerate(ids)},
        {sample: label for sample, label, looked_at in labels if looked_at},
        proposed_names(groups_of(state, state.labels, store.identities())),
    )


def _chunks(store: GalleryStore, known: _Known) -> Iterator[Chunk]:
    after = 0
    while page := store.seen_images(after=after, limit=PAGE):
        STOPPING.check()
        rows = [row for image in page for row in _rows(image, known)]
        yield rows, known.vectors[[known.at[row[0]] for row in rows]]
        after = page[-1].id


def _rows(image: SeenImage, known: _Known) -> Iterator[tuple[Any, ...]]:
    """In the order of `bundles.parquet.COLUMNS`; samples that came meanwhile are left out."""
    path = shown_name(os.fsdecode(image.path)) if isinstance(image.path, bytes) else image.path
    for one in image.samples:
        if one.id in known.at:
            yield (
                one.id, image.id, path, image.row, image.content.hex(), image.width, image.height, *one.box.as_list(),
                one.score, one.role.value, one.identity, known.proposed.get(one.id), known.clusters.get(one.id),
            )  # fmt: skip
