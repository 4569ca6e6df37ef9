"""Takes back the edit of the clusters that a decision made, unless a run came later and moved its samples itself."""

from __future__ import annotations

from sqlalchemy import Connection, delete, exists, func, select, update

from identity.core.clusters import PEOPLE
from identity.core.types import GalleryRecord
from identity.store import sealed_rows
from identity.store.cluster_tables import cluster_label, cluster_run
from identity.store.rows import now
from identity.store.seals import resealed


def take_back(connection: Connection, gallery: GalleryRecord, edit: int) -> None:
    """The labels before the edit hold again.

    Where a later run in force moved any of its samples, all of them stay as that run has them: otherwise half a
    cluster would be of before and half of after. They become that run's own labels, so undoing the run undoes them.
    """
    later = _run_that_moved(connection, gallery, edit)
    touched = [sealed_rows.labels_of_run(edit), *sealed_rows.runs(gallery)]
    if later is not None:
        touched.append(sealed_rows.labels_of_run(later))
    c, other = cluster_label.c, cluster_label.alias("other")
    with resealed(connection, gallery, touched):
        if later is not None:
            moved = exists().where(other.c.sample_id == c.sample_id, other.c.run_id == later)
            connection.execute(update(cluster_label).where(c.run_id == edit, ~moved).values(run_id=later))
        connection.execute(delete(cluster_label).where(c.run_id == edit))
        connection.execute(update(cluster_run).where(cluster_run.c.id == edit).values(undone_at=now()))


def _run_that_moved(connection: Connection, gallery: GalleryRecord, edit: int) -> int | None:
    """The first clustering run after the edit that gave one of its samples a label and was not undone."""
    own, later, run = cluster_label.alias("own"), cluster_label.c, cluster_run.c
    same = (own.c.sample_id == later.sample_id) & (later.run_id > edit)
    found = select(func.min(later.run_id)).join_from(own, cluster_label, same).join(cluster_run, run.id == later.run_id)
    in_force = (run.gallery_id == gallery.id, run.undone_at.is_(None), run.algo != PEOPLE)
    return connection.execute(found.where(own.c.run_id == edit, *in_force)).scalar()
