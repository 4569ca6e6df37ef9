"""Galleries that travel as one file: packed by the script that builds the package, installed once into a new database.

Vectors travel as float16 and are normalised again when they arrive; the calibration that travels with them was made
from vectors that had arrived in this way.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, func, insert, select

from identity.core.calibration import Calibration, ClassCalibration
from identity.core.rules.table import rule_of
from identity.core.types import GalleryRecord, Role
from identity.store import calibrations as thresholds
from identity.store import enrolment, sealed_rows, seals, vector_rows
from identity.store import tables as t
from identity.store.galleries import GALLERY_COLUMNS
from identity.store.packed import ROLES, read_packed
from identity.store.rows import hold, identity_ids, now
from identity.store.transactions import Transactions

INSTALLED_CHANGES = 2  # its samples, and its thresholds


@dataclass(frozen=True, slots=True)
class Credit:
    """What the images of a packed gallery were, which the package itself does not contain."""

    source: str
    path: str
    size_px: int


def pack(
    transactions: Transactions, gallery: GalleryRecord, path: Path, *, credit: Credit, calibration: Calibration | None
) -> None:
    """Write a gallery of one-region images of one IDX file, with its calibration by identity name."""
    with transactions.read() as connection:
        rows = connection.execute(_rows(gallery)).all()
        vectors = {role: vector_rows.all_vectors(connection, gallery, role) for role in ROLES}
    by_id = {
        int(id_): vector for part in vectors.values() for id_, vector in zip(part.ids, part.vectors, strict=True)
    }
    names = sorted({row.name for row in rows})
    meta = {
        "name": gallery.name, "model": gallery.model, "detector": gallery.detector, "space": gallery.space,
        "dim": gallery.dim, "source": credit.source, "path": credit.path, "size_px": credit.size_px,
        "names": names,
    }  # fmt: skip
    arrays: dict[str, NDArray[Any]] = {
        "row": np.array([row.row for row in rows], np.int32),
        "identity": np.array([names.index(row.name) for row in rows], np.int16),
        "role": np.array([ROLES.index(Role(row.role)) for row in rows], np.int8),
        "content": np.frombuffer(b"".join(row.content for row in rows), np.uint8).reshape(-1, 32),
        "vectors": np.stack([by_id[row.id] for row in rows]).astype(np.float16),
    }
    if calibration is not None:
        meta["calibration"] = _calibration_meta(calibration, names)
        arrays |= {f"scores/{name}": entry.scores for name, entry in _by_name(calibration, names).items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, meta=np.array(json.dumps(meta)), **arrays)  # type: ignore[arg-type]


def _rows(gallery: GalleryRecord) -> Any:
    return (
        select(t.sample.c.id, t.sample.c.role, t.image.c.row, t.image.c.content, t.identity.c.name)
        .join_from(t.sample, t.image)
        .join(t.identity, t.identity.c.id == t.sample.c.identity_id)
        .where(t.sample.c.gallery_id == gallery.id)
        .order_by(t.image.c.row)
    )


def _by_name(calibration: Calibration, names: list[str]) -> dict[str, ClassCalibration]:
    """Identity ids of a gallery installed from this very file count up in the order of the names."""
    return {names[place]: entry for place, (_, entry) in enumerate(sorted(calibration.classes.items()))}


def _calibration_meta(calibration: Calibration, names: list[str]) -> dict[str, Any]:
    return {
        "rule": calibration.rule, "facts": dict(rule_of(calibration).facts_to_json(calibration.facts)),
        "k": calibration.k, "ratio": calibration.ratio, "created_at": calibration.created_at,
        "pooled": calibration.pooled.threshold,
        "thresholds": {name: entry.threshold for name, entry in _by_name(calibration, names).items()},
    }  # fmt: skip


def install(transactions: Transactions, path: Path) -> GalleryRecord | None:
    """Install a packed gallery, whole or not at all, unless this store ever had this version of it.

    The file's name is the gallery's, or that and a version: `digits-2`. An older version that nobody changed is
    replaced, and returned; one that somebody changed stays as it is, one that somebody deleted stays deleted.
    """
    version = path.stem
    with transactions.read() as connection:
        if version in _installed_names(connection):
            return None
    packed = read_packed(path)
    with transactions.write() as connection:
        had = _installed_names(connection)
        if version in had:
            return None
        meta = packed.meta
        connection.execute(insert(t.shipped).values(name=version, installed_at=now()))
        older = _gallery(connection, meta["name"])
        if older is not None:
            hold(connection, older)
            older = _gallery(connection, meta["name"])
        if older is None and _was_installed(had, meta["name"]):
            return None
        if older is not None:
            if not (_was_installed(had, older.name) and _is_unchanged(connection, older)):
                return None
            from identity.store.sample_bytes import delete_with_gallery  # once for each new version
            delete_with_gallery(connection, older)
        gallery = _make_gallery(connection, meta)
        identity_ids(connection, gallery, meta["names"])  # made first, so that their ids follow the names
        seals.put(connection, gallery, sealed_rows.everything(gallery))
        enrolment.add(connection, gallery, list(packed.samples()), skipped=())
        calibration = packed.calibration(identity_ids(connection, gallery, meta["names"]))
        if calibration is not None:
            thresholds.put(connection, gallery, calibration)
    return older


def is_as_installed(connection: Connection, gallery: GalleryRecord) -> bool:
    """Whether a gallery came with the package and nobody changed it."""
    return _was_installed(_installed_names(connection), gallery.name) and _is_unchanged(connection, gallery)


def _installed_names(connection: Connection) -> set[str]:
    return set(connection.execute(select(t.shipped.c.name)).scalars())


def _was_installed(versions: set[str], name: str) -> bool:
    return any(version == name or version.startswith(f"{name}-") for version in versions)


def _gallery(connection: Connection, name: str) -> GalleryRecord | None:
    row = connection.execute(select(*GALLERY_COLUMNS).where(t.gallery.c.name == name)).first()
    return None if row is None else GalleryRecord(*row)


def _is_unchanged(connection: Connection, gallery: GalleryRecord) -> bool:
    """Whether nothing was written since it was installed, but for the snapshot of its first search."""
    snapshots = select(func.count()).select_from(t.snapshot).where(t.snapshot.c.gallery_id == gallery.id)
    return gallery.changes - connection.execute(snapshots).scalar_one() == INSTALLED_CHANGES


def _make_gallery(connection: Connection, meta: Mapping[str, Any]) -> GalleryRecord:
    values = {key: meta[key] for key in ("name", "model", "detector", "space", "dim")}
    statement = insert(t.gallery).values(uuid=uuid4().hex, changes=0, created_at=now(), **values)
    return GalleryRecord(*connection.execute(statement.returning(*GALLERY_COLUMNS)).one())
