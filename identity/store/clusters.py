"""One gallery's clusters as the workflows see them: runs, the labels in force, undo, and what people decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from identity.core.clusters import (
    FIRST_CLUSTER,
    PEOPLE,
    REEMBEDDED,
    ClusterEdit,
    ClusterPlaces,
    ClusterState,
    LabelChanges,
    PastDecision,
    Run,
)
from identity.core.errors import GalleryChangedError, NotFoundError
from identity.core.types import GalleryRecord
from identity.store import cluster_edits, decision_list, decision_record, decision_undo, sealed_rows, seals
from identity.store import cluster_reading as reading
from identity.store import tables as t
from identity.store.cluster_tables import cluster_label, cluster_run, core_quality
from identity.store.rows import count_change, now, portions
from identity.store.transactions import Transactions

_RUN_COLUMNS = (
    "algo", "mode", "eps", "eps_auto", "eps_reason", "min_samples", "min_cluster_size", "n_samples", "n_clusters",
    "n_noise", "next_cluster", "note",
)  # fmt: skip


class SqlClusters:
    """`core.clusters.ClusterStore` over a database."""

    def __init__(self, transactions: Transactions, gallery: GalleryRecord) -> None:
        self._transactions = transactions
        self._gallery = gallery

    def places(self) -> ClusterPlaces:
        """Samples, labels in force and decisions, all of one moment."""
        with self._transactions.read() as connection:
            return self._places(connection)

    def state(self) -> ClusterState:
        """The same with vectors and qualities."""
        with self._transactions.read() as connection:
            return reading.state(connection, self._gallery, self._places(connection))

    def _places(self, connection: Connection) -> ClusterPlaces:
        runs = _runs(connection, self._gallery)
        in_force = _in_force(runs)
        next_cluster = max((run.next_cluster for run in runs), default=FIRST_CLUSTER)
        run = in_force[-1] if in_force else None
        return reading.places(connection, self._gallery, run=run, next_cluster=next_cluster)

    def apply(self, run: Run, labels: LabelChanges, *, changes: int) -> Run:
        """Record a run and the labels it changes, whole or not at all. Raises `GalleryChangedError`."""
        with self._transactions.write(self._gallery) as connection:
            _require_unchanged(connection, self._gallery, changes)
            return _record(connection, self._gallery, run, labels)

    def edit(self, edit: ClusterEdit, *, changes: int) -> None:
        """Write down what a person decided and what follows for the clusters. Raises `GalleryChangedError`."""
        with self._transactions.write(self._gallery) as connection:
            _require_unchanged(connection, self._gallery, changes)
            touched = cluster_edits.touched_by(connection, edit)
            with decision_record.recorded(connection, self._gallery, edit.note, touched, renamed=edit.renamed):
                if len(edit.labels.samples):
                    run = Run(PEOPLE, "decision", next_cluster=edit.next_cluster, note=edit.note)
                    _record(connection, self._gallery, run, edit.labels)
                cluster_edits.write(connection, self._gallery, edit)

    def undo(self) -> Run:
        """Take the latest clustering run back: its labels go, those before it hold again, decisions stay."""
        with self._transactions.write(self._gallery) as connection:
            count_change(connection, self._gallery)
            done = _in_force(_runs(connection, self._gallery))
            if not done:
                name = self._gallery.name
                raise NotFoundError(f"gallery '{name}' has no run to undo: see 'identity cluster history -g {name}'")
            touched = [sealed_rows.labels_of_run(done[-1].id), *sealed_rows.runs(self._gallery)]
            with seals.resealed(connection, self._gallery, touched):
                connection.execute(delete(cluster_label).where(cluster_label.c.run_id == done[-1].id))
                undone = update(cluster_run).where(cluster_run.c.id == done[-1].id)
                connection.execute(undone.values(undone_at=now()))
            return done[-1]

    def decisions(self) -> list[PastDecision]:
        """Every decision of a person, oldest first, undone ones too."""
        with self._transactions.read() as connection:
            return decision_list.decisions(connection, self._gallery)

    def undo_decision(self, decision: int | None, *, changes: int) -> PastDecision:
        """Take a decision back, the latest where none is said. Raises `GalleryChangedError`."""
        with self._transactions.write(self._gallery) as connection:
            _require_unchanged(connection, self._gallery, changes)
            undone = decision_undo.undo(connection, self._gallery, decision)
            (found,) = decision_list.decisions(connection, self._gallery, only=undone)
            return found

    def runs(self) -> list[Run]:
        """Every run and edit of the gallery, oldest first, undone ones too."""
        with self._transactions.read() as connection:
            return _runs(connection, self._gallery)

    def contents(self) -> Mapping[int, bytes]:
        """The digest of every image's pixels, by the image ids of `state`."""
        c = t.image.c
        with self._transactions.read() as connection:
            return dict(connection.execute(select(c.id, c.content).where(c.gallery_id == self._gallery.id)).all())


def _require_unchanged(connection: Connection, gallery: GalleryRecord, changes: int) -> None:
    if count_change(connection, gallery) != changes + 1:
        raise GalleryChangedError(
            f"another program changed gallery '{gallery.name}' meanwhile, so nothing was applied: run the command again"
        )


def _runs(connection: Connection, gallery: GalleryRecord) -> list[Run]:
    c = cluster_run.c
    columns = [c[name] for name in (*_RUN_COLUMNS, "id", "created_at", "undone_at")]
    asked = func.coalesce(core_quality.c.min_quality, 0.0).label("min_quality")
    found = select(*columns, asked).outerjoin_from(cluster_run, core_quality).where(c.gallery_id == gallery.id)
    return [Run(**row) for row in connection.execute(found.order_by(c.id)).mappings()]


def _in_force(runs: Sequence[Run]) -> list[Run]:
    """The clustering runs that were not undone; none that was made of vectors of another space."""
    boundary = max((run.id for run in runs if run.algo == REEMBEDDED), default=0)
    return [run for run in runs if run.undone_at is None and run.algo != PEOPLE and run.id > boundary]


def record_boundary(connection: Connection, gallery: GalleryRecord, run: Run) -> None:
    """Write down that from here on the vectors are others; the labels in force stay."""
    written: dict[str, Any] = {name: getattr(run, name) for name in _RUN_COLUMNS}
    written["next_cluster"] = _next_cluster(connection, gallery)
    connection.execute(insert(cluster_run).values(gallery_id=gallery.id, created_at=now(), **written))


def _record(connection: Connection, gallery: GalleryRecord, run: Run, labels: LabelChanges) -> Run:
    written: dict[str, Any] = {name: getattr(run, name) for name in _RUN_COLUMNS}
    written |= {"gallery_id": gallery.id, "created_at": now()}
    written["next_cluster"] = max(run.next_cluster, _next_cluster(connection, gallery))
    newest = int(connection.execute(select(func.max(cluster_run.c.id))).scalar() or 0)
    with seals.resealed(connection, gallery, [*sealed_rows.runs(gallery), sealed_rows.labels_of_runs(gallery, newest)]):
        made = connection.execute(insert(cluster_run).values(**written).returning(cluster_run.c.id)).scalar_one()
        if run.min_quality > 0:
            connection.execute(insert(core_quality).values(run_id=made, min_quality=run.min_quality))
        _add_labels(connection, int(made), labels)
    fields = {name: written[name] for name in (*_RUN_COLUMNS, "created_at")}
    return Run(**fields, min_quality=run.min_quality, id=int(made))


def _add_labels(connection: Connection, run: int, labels: LabelChanges) -> None:
    rows = zip(labels.samples.tolist(), labels.clusters.tolist(), labels.core.tolist(), strict=True)
    for portion in portions(rows):
        connection.execute(
            insert(cluster_label),
            [{"sample_id": s, "run_id": run, "cluster": int(k), "core": bool(core)} for s, k, core in portion],
        )


def _next_cluster(connection: Connection, gallery: GalleryRecord) -> int:
    largest = select(func.max(cluster_run.c.next_cluster)).where(cluster_run.c.gallery_id == gallery.id)
    return int(connection.execute(largest).scalar() or FIRST_CLUSTER)
