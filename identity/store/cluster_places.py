"""Which unnamed cluster a core sample lies in: what an answer says of an unknown face that clustering would attach."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, and_, func, select

from identity.core.clusters import NOISE, PEOPLE, REEMBEDDED
from identity.core.likeness import LikeCluster
from identity.core.types import GalleryRecord, Role
from identity.store import tables as t
from identity.store.cluster_reading import labels_in_force
from identity.store.cluster_tables import cluster_label, cluster_run
from identity.store.rows import portions


def unnamed_clusters(connection: Connection, gallery: GalleryRecord, ids: Iterable[int]) -> dict[int, LikeCluster]:
    """The cluster of each of these samples that is a core of one in which nobody has a name, with the run's eps."""
    eps = _eps_in_force(connection, gallery)
    asked = {int(one) for one in ids}
    if eps is None or not asked or not _is_labelled(connection, asked):
        return {}
    found = labels_in_force(gallery).subquery()
    mine = and_(t.sample.c.id == found.c.sample_id, t.sample.c.role == Role.GALLERY.value)
    members = select(
        found.c.sample_id, found.c.cluster, found.c.core, t.sample.c.image_id, t.sample.c.identity_id
    ).join_from(found, t.sample, mine).where(found.c.cluster != NOISE)
    rows = connection.execute(members).all()
    images: dict[int, set[int]] = {}
    for _, cluster, _, image, _ in rows:
        images.setdefault(cluster, set()).add(image)
    named = {cluster for _, cluster, _, _, identity in rows if identity is not None}
    return {
        sample: LikeCluster(cluster, len(images[cluster]), eps)
        for sample, cluster, core, _, _ in rows
        if core and sample in asked and cluster not in named
    }


def _eps_in_force(connection: Connection, gallery: GalleryRecord) -> float | None:
    """The distance of the run in force; None where there is none, or it has none."""
    c = cluster_run.c
    of_gallery = c.gallery_id == gallery.id
    boundary = select(func.max(c.id)).where(of_gallery, c.algo == REEMBEDDED).scalar_subquery()
    runs = select(c.eps).where(of_gallery, c.undone_at.is_(None), c.algo != PEOPLE, c.id > func.coalesce(boundary, 0))
    return connection.execute(runs.order_by(c.id.desc()).limit(1)).scalar()


def _is_labelled(connection: Connection, ids: Iterable[int]) -> bool:
    """Whether any of these samples was ever in a cluster: a short read instead of all labels."""
    c = cluster_label.c
    cores = select(c.sample_id).where(c.core, c.cluster != NOISE).limit(1)
    return any(connection.execute(cores.where(c.sample_id.in_(some))).first() is not None for some in portions(ids))
