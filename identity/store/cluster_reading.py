"""Reads what clustering starts from: vectors, labels in force and people's decisions, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from itertools import chain
from typing import Any

import numpy as np
from sqlalchemy import Connection, Select, func, select

from identity.core.clusters import NOISE, ClusterPlaces, ClusterState, Links, Run
from identity.core.face_quality import FaceMeasures, FaceQuality, quality_of
from identity.core.types import NO_ID, GalleryRecord, Ids, Role
from identity.store import asides, vector_rows
from identity.store import search_state as searching
from identity.store import tables as t
from identity.store.cluster_tables import cluster_label, party, party_member, refusal
from identity.store.measures import MEASURED
from identity.store.rows import portions


def places(connection: Connection, gallery: GalleryRecord, *, run: Run | None, next_cluster: int) -> ClusterPlaces:
    """The gallery's samples (not those that calibrate), each with its image, label in force and party."""
    changes = searching.changes_of(connection, gallery)
    ids, identities, images = _table(connection.execute(_samples(gallery)).all(), columns=3).T.copy()
    n = len(ids)
    labels, core, seen = np.full(n, NOISE, np.int64), np.zeros(n, bool), np.zeros(n, bool)
    rows = _table(connection.execute(labels_in_force(gallery)).all(), columns=3)
    at, known = _places(ids, rows[:, 0])
    labels[at], core[at], seen[at] = rows[known, 1], rows[known, 2].astype(bool), True
    aside = np.zeros(n, bool)
    aside[_places(ids, _table(asides.of_gallery(connection, gallery), columns=1)[:, 0])[0]] = True
    return ClusterPlaces(
        changes=changes,
        ids=ids,
        identities=identities,
        images=images,
        labels=labels,
        seen=seen,
        core=core,
        parties=_column(connection, ids, _parties(gallery)),
        aside=aside,
        refused_samples=_links(connection.execute(_refusals(gallery, refusal.c.sample_id)).all()),
        refused_identities=_links(connection.execute(_refusals(gallery, refusal.c.identity_id)).all()),
        run=run,
        next_cluster=next_cluster,
    )


def state(connection: Connection, gallery: GalleryRecord, found: ClusterPlaces) -> ClusterState:
    """The same with vectors and qualities; `found` was read in this transaction."""
    vectors = vector_rows.all_vectors(connection, gallery, Role.GALLERY).vectors
    parts = {one.name: getattr(found, one.name) for one in fields(ClusterPlaces)}
    return ClusterState(**parts, vectors=vectors, quality=_quality(connection, gallery, found.ids))


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


def _samples(gallery: GalleryRecord) -> Select[Any]:
    c = t.sample.c
    wanted = select(c.id, func.coalesce(c.identity_id, NO_ID), c.image_id)
    return wanted.where(c.gallery_id == gallery.id, c.role == Role.GALLERY.value).order_by(c.id)


def _parties(gallery: GalleryRecord) -> Select[Any]:
    c = party_member.c
    return select(c.sample_id, c.party_id).join_from(party_member, party).where(party.c.gallery_id == gallery.id)


def _refusals(gallery: GalleryRecord, target: Any) -> Select[Any]:
    wanted = select(refusal.c.party_id, target).join_from(refusal, party).where(party.c.gallery_id == gallery.id)
    return wanted.where(target.is_not(None)).order_by(refusal.c.id)
