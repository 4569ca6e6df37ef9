"""Keeps a gallery's calibration: its pooled threshold, and those of its identities with the scores behind them."""

from __future__ import annotations

import numpy as np
from sqlalchemy import Connection, Row, delete, insert, select

from identity.core.calibration import Calibration, ClassCalibration, Method, Scores
from identity.core.errors import SpaceMismatchError
from identity.core.types import GalleryRecord
from identity.store import people
from identity.store import tables as t
from identity.store.rows import count_change, now

METRIC = "cosine"


def calibration(connection: Connection, gallery: GalleryRecord) -> Calibration | None:
    """The calibration in force, None where there is none."""
    row = connection.execute(select(t.calibration).where(t.calibration.c.gallery_id == gallery.id)).one_or_none()
    return None if row is None else _read(connection, gallery, row)


def put(connection: Connection, gallery: GalleryRecord, made: Calibration) -> None:
    """Replace the calibration; identities that are gone meanwhile are left out.

    Raises `SpaceMismatchError` for thresholds of another space.
    """
    if made.space != gallery.space:
        raise SpaceMismatchError(
            f"the thresholds belong to another space than gallery '{gallery.name}': run 'identity calibrate' on it"
        )
    count_change(connection, gallery)
    connection.execute(delete(t.calibration).where(t.calibration.c.gallery_id == gallery.id))
    connection.execute(insert(t.calibration).values(**_row(gallery, made)))
    here = set(connection.execute(select(t.identity.c.id).where(t.identity.c.gallery_id == gallery.id)).scalars())
    rows = [_class_row(gallery, id_, entry) for id_, entry in made.classes.items() if id_ in here]
    if rows:
        connection.execute(insert(t.calibration_class), rows)
    if made.people is not None:
        people.put(connection, gallery, made.people)


def _row(gallery: GalleryRecord, made: Calibration) -> dict[str, object]:
    return {
        "gallery_id": gallery.id,
        "space": made.space,
        "metric": METRIC,
        "k": made.k,
        "alpha": made.alpha,
        "method": made.method.value,
        "ratio": made.ratio,
        "created_at": made.created_at or now(),
        "far_bound": made.far_bound,
        "fnmr": made.fnmr,
        "pooled_scores": _packed(made.pooled.scores),
        "pooled_threshold": made.pooled.threshold,
    }


def _class_row(gallery: GalleryRecord, identity: int, entry: ClassCalibration) -> dict[str, object]:
    return {
        "identity_id": int(identity),
        "gallery_id": gallery.id,
        "scores": _packed(entry.scores),
        "threshold": entry.threshold,
        "enough": entry.enough,
        "stale": entry.stale,
    }


def _read(connection: Connection, gallery: GalleryRecord, row: Row[tuple[object, ...]]) -> Calibration:
    classes = select(t.calibration_class).where(t.calibration_class.c.gallery_id == row.gallery_id)
    return Calibration(
        space=row.space,
        k=row.k,
        alpha=row.alpha,
        method=Method(row.method),
        classes={
            entry.identity_id: ClassCalibration(_unpacked(entry.scores), entry.threshold, entry.enough, entry.stale)
            for entry in connection.execute(classes.order_by(t.calibration_class.c.identity_id))
        },
        pooled=ClassCalibration(_unpacked(row.pooled_scores), row.pooled_threshold),
        ratio=row.ratio,
        created_at=row.created_at,
        far_bound=row.far_bound,
        fnmr=row.fnmr,
        people=people.thresholds(connection, gallery),
    )


def _packed(scores: Scores) -> bytes:
    return np.ascontiguousarray(scores, dtype="<f4").tobytes()


def _unpacked(packed: bytes) -> Scores:
    return np.frombuffer(packed, "<f4").astype(np.float32, copy=False)
