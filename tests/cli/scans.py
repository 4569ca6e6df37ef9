"""Scanned digits of scikit-learn, as files that a person might have: dark ink on paper."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

SCANS = load_digits()


def scan(path: Path, row: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    ink = Image.fromarray(np.round(SCANS.images[row] * (255 / 16)).astype(np.uint8)).resize((72, 72), 3)
    paper = Image.new("L", (96, 96))
    paper.paste(ink, (12, 12))
    Image.fromarray(255 - np.asarray(paper)).save(path)
    return path


def rows_of(digit: int, count: int, *, skip: int = 0) -> list[int]:
    return np.flatnonzero(SCANS.target == digit)[skip : skip + count].tolist()
