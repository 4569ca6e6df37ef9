"""Keeps a gallery's calibration: pooled threshold, those of identities with their scores, and its rule's facts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, delete, func, insert, select

from identity.core.calibration import Calibration, ClassCalibration, Scores
from identity.core.errors import NotCalibratedError, SpaceMismatchError, StoreError
from identity.core.rules.table import RULES, rule_of
from identity.core.types import GalleryRecord, Role
from identity.store import sealed_rows, seals
from identity.store import tables as t
from identity.store.rows import count_change, now

METRIC = "cosine"


def calibration(connection: Connection, gallery: GalleryRecord) -> Calibration | None:
    """The calibration in force, None where there is none.

    Raises `NotCalibratedError` for one that was made by a rule that this version does not have, `StoreError` where
    what stands there, or that nothing does, is not what was written.
    """
    whole, classes = (connection.execute(one.rows).all() for one in sealed_rows.thresholds(gallery))
    if whole:
        _require_known_rule(gallery, whole[0].rule)
    _require_sealed(connection, gallery, whole, classes)
    return _read(connection, gallery, whole[0], classes) if whole else None


def put(connection: Connection, gallery: GalleryRecord, made: Calibration) -> None:
    """Replace the calibration; identities that are gone meanwhile are left out.

    Raises `SpaceMismatchError` for thresholds of another space.
    """
    if made.space != gallery.space:
        raise SpaceMismatchError(
            f"the thresholds were set in another space than that of gallery '{gallery.name}': "
            f"run 'identity calibrate -g {gallery.name}'"
        )
    count_change(connection, gallery)
    connection.execute(delete(t.calibration).where(t.calibration.c.gallery_id == gallery.id))
    connection.execute(insert(t.calibration).values(**_row(gallery, made)))
    here = set(connection.execute(select(t.identity.c.id).where(t.identity.c.gallery_id == gallery.id)).scalars())
    rows = [_class_row(gallery, id_, entry) for id_, entry in made.classes.items() if id_ in here]
    if rows:
        connection.execute(insert(t.calibration_class), rows)
    seals.put(connection, gallery, sealed_rows.thresholds(gallery))


def _require_sealed(
    connection: Connection, gallery: GalleryRecord, whole: Sequence[Row[Any]], classes: Sequence[Row[Any]]
) -> None:
    found = seals.tally("calibration", whole) + seals.tally("calibration_class", classes)
    if seals.digests(connection, gallery).get(seals.THRESHOLDS) != found % seals.MODULUS:
        raise StoreError(
            f"the thresholds of gallery '{gallery.name}' are not what was written: "
            f"run 'identity calibrate -g {gallery.name}', or restore a backup"
        )


def _row(gallery: GalleryRecord, made: Calibration) -> dict[str, object]:
    return {
        "gallery_id": gallery.id,
        "space": made.space,
        "metric": METRIC,
        "k": made.k,
        "rule": made.rule,
        "facts": json.dumps(rule_of(made).facts_to_json(made.facts)),
        "ratio": made.ratio,
        "created_at": made.created_at or now(),
        "last_sample": made.last_sample,
        "pooled_scores": _pack(made.pooled.scores),
        "pooled_threshold": made.pooled.threshold,
    }


def _class_row(gallery: GalleryRecord, identity: int, entry: ClassCalibration) -> dict[str, object]:
    return {
        "identity_id": int(identity),
        "gallery_id": gallery.id,
        "scores": _pack(entry.scores),
        "threshold": entry.threshold,
        "enough": entry.enough,
        "stale": entry.stale,
    }


def _read(connection: Connection, gallery: GalleryRecord, row: Row[Any], classes: Sequence[Row[Any]]) -> Calibration:
    return Calibration(
        space=row.space,
        k=row.k,
        rule=row.rule,
        facts=RULES[row.rule].facts_from_json(json.loads(row.facts)),
        classes={
            entry.identity_id: ClassCalibration(_unpack(entry.scores), entry.threshold, entry.enough, entry.stale)
            for entry in sorted(classes, key=lambda one: int(one.identity_id))
        },
        pooled=ClassCalibration(_unpack(row.pooled_scores), row.pooled_threshold),
        ratio=row.ratio,
        created_at=row.created_at,
        last_sample=row.last_sample,
        outdated=row.last_sample is not None and _newest(connection, gallery) > row.last_sample,
    )


def _require_known_rule(gallery: GalleryRecord, rule: str) -> None:
    if rule not in RULES:
        raise NotCalibratedError(
            f"the thresholds of gallery '{gallery.name}' were set by the rule '{rule}', which this version "
            f"does not have: run 'identity calibrate -g {gallery.name}', or use the version of identity that set them"
        )


def _newest(connection: Connection, gallery: GalleryRecord) -> int:
    searched = t.sample.c.gallery_id == gallery.id, t.sample.c.role == Role.GALLERY.value
    return int(connection.execute(select(func.max(t.sample.c.id)).where(*searched)).scalar() or 0)


def _pack(scores: Scores) -> bytes:
    return np.ascontiguousarray(scores, dtype="<f4").tobytes()


def _unpack(packed: bytes) -> Scores:
    return np.frombuffer(packed, "<f4").astype(np.float32, copy=False)
