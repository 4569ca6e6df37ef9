"""Reads what clustering starts from: vectors, labels in force and people's decisions, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Any

import numpy as np
from sqlalchemy import Connection, Select, func, select

from identity.core.clusters import NOISE, ClusterState, Links, Run
from identity.core.face_quality import FaceMeasures, FaceQuality, quality_of
from identity.core.types import NO_ID, GalleryRecord, Ids, Role
from identity.store import search_state as searching
from identity.store import tables as t
from identity.store.cluster_tables import cluster_label, party, party_member, refusal
from identity.store.measures import MEASURED
from identity.store.rows import portions


def state(connection: Connection, gallery: GalleryRecord, *, run: Run | None, next_cluster: int) -> ClusterState:
    """The gallery's samples (not those that calibrate), each with its image, label in force and party."""
    changes = searching.changes_of(connection, gallery)
    labelled = searching.all_vectors(connection, gallery, Role.GALLERY)
    ids, n = labelled.ids, len(labelled.ids)
    labels, core, seen = np.full(n, NOISE, np.int64), np.zeros(n, bool), np.zeros(n, bool)
    rows = _table(connection.execute(labels_in_force(gallery)).all(), columns=3)
    at, known = _places(ids, rows[:, 0])
    labels[at], core[at], seen[at] = rows[known, 1], rows[known, 2].astype(bool), True
    return ClusterState(
        changes=changes,
        labelled=labelled,
        images=_column(connection, ids, _images(gallery)),
        labels=labels,
        seen=seen,
        core=core,
        parties=_column(connection, ids, _parties(gallery)),
        refused_samples=_links(connection.execute(_refusals(gallery, refusal.c.sample_id)).all()),
        refused_identities=_links(connection.execute(_refusals(gallery, refusal.c.identity_id)).all()),
        run=run,
        next_cluster=next_cluster,
        quality=_quality(connection, gallery, ids),
    )


def _places(ids: Ids, wanted: Ids) -> tuple[np.ndarray, np.ndarray]:
    """Where wanted ids stand in ascending `ids`, and which of them do."""
    if not len(ids):
        return np.empty(0, np.intp), np.zeros(len(wanted), bool)
    at = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1)
    known = ids[at] == wanted
    return at[known], known


def _column(connection: Connection, ids: Ids, pairs: Select[Any]) -> Ids:
    values = np.full(len(ids), NO_ID, np.int64)
    rows = _links(connection.execute(pairs).all())
    at, known = _places(ids, rows[:, 0])
    values[at] = rows[known, 1]
    return values


def _quality(connection: Connection, gallery: GalleryRecord, ids: Ids) -> dict[int, FaceQuality]:
    """The quality of the faces that were measured, by row."""
    wanted = select(t.sample.c.id, t.sample.c.score, *MEASURED).join_from(t.quality, t.sample)
    held = connection.execute(wanted.where(t.sample.c.gallery_id == gallery.id)).all()
    place = dict(zip(ids.tolist(), range(len(ids)), strict=True)) if held else {}
    return {place[id_]: quality_of(FaceMeasures(*m), score) for id_, score, *m in held if id_ in place}


def _links(rows: Iterable[Any]) -> Links:
    return _table(rows, columns=2)


def _table(rows: Iterable[Any], *, columns: int) -> Ids:
    """Rows of whole numbers as an array; one by one numpy would take ten times as long."""
    return np.fromiter(chain.from_iterable(rows), np.int64).reshape(-1, columns)


def labels_in_force(gallery: GalleryRecord) -> Select[Any]:
    """Sample, cluster and core flag of every sample that a run has looked at."""
    c = cluster_label.c
    newest = (
        select(c.sample_id, func.max(c.run_id).label("run_id"))
        .join_from(cluster_label, t.sample)
        .where(t.sample.c.gallery_id == gallery.id)
        .group_by(c.sample_id)
        .subquery()
    )
    same = (c.sample_id == newest.c.sample_id) & (c.run_id == newest.c.run_id)
    return select(c.sample_id, c.cluster, c.core).join_from(newest, cluster_label, same)


def labels_of(connection: Connection, samples: Iterable[int]) -> dict[int, int]:
    """The clusters in force of these samples; those that no run has looked at are absent."""
    c, found = cluster_label.c, dict[int, int]()
    for portion in portions(samples):
        rows = select(c.sample_id, c.cluster).where(c.sample_id.in_(portion)).order_by(c.run_id)
        found |= dict(connection.execute(rows).all())  # the latest run is the last
    return found


def _images(gallery: GalleryRecord) -> Select[Any]:
    return select(t.sample.c.id, t.sample.c.image_id).where(t.sample.c.gallery_id == gallery.id)


def _parties(gallery: GalleryRecord) -> Select[Any]:
    c = party_member.c
    return select(c.sample_id, c.party_id).join_from(party_member, party).where(party.c.gallery_id == gallery.id)


def _refusals(gallery: GalleryRecord, target: Any) -> Select[Any]:
    wanted = select(refusal.c.party_id, target).join_from(refusal, party).where(party.c.gallery_id == gallery.id)
    return wanted.where(target.is_not(None)).order_by(refusal.c.id)
