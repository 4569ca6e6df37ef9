"""What a home's database holds of one gallery, as rows that two homes can be compared by."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np

ROWS = """
    SELECT image.path, image.content, identity.name, sample.role, sample.x1, sample.y1, sample.x2, sample.y2,
           sample.score, crop.image, vector.vector
    FROM sample JOIN image ON image.id = sample.image_id JOIN gallery ON gallery.id = sample.gallery_id
    JOIN vector ON vector.sample_id = sample.id
    LEFT JOIN identity ON identity.id = sample.identity_id LEFT JOIN crop ON crop.sample_id = sample.id
    WHERE gallery.name = ? ORDER BY sample.id
"""


def rows(home: Path, gallery: str = "strokes") -> tuple[list[tuple], np.ndarray]:
    """Everything of each sample but its number and hour, in the order they were written, and the vectors."""
    with sqlite3.connect(home / "identity.db") as database:
        found = database.execute(ROWS, (gallery,)).fetchall()
    return [row[:-1] for row in found], np.array([np.frombuffer(row[-1], "<f4") for row in found])


def paths(home: Path, gallery: str = "strokes") -> list[str]:
    return [row[0] for row in rows(home, gallery)[0]]
