"""An album on the disk, in a world whose faces are squares: photographs in files, and people in them by name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from face_worlds import RULES, face, people
from PIL import Image
from worlds import World

ANNA, BERT, CARLA = 1, 2, 3
NAMES = {ANNA: "Anna", BERT: "Bert", CARLA: "Carla"}
UPRIGHT = np.concatenate([face(ANNA, spread=0), face(BERT, spread=0), face(CARLA, spread=0)], axis=1)
TO_STORED = {6: 1, 3: 2, 8: 3}  # EXIF orientation: quarter turns to the left that make the stored picture


def photograph_file(path: Path, *, orientation: int = 1, format_: str = "JPEG") -> Path:
    """A photograph of Anna, Bert and Carla side by side, as a camera held otherwise stores it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    exif = Image.Exif()
    if orientation != 1:
        exif[0x0112] = orientation
    stored = np.rot90(UPRIGHT, TO_STORED.get(orientation, 0))
    lossless = {"quality": 100} if format_ == "JPEG" else {}
    Image.fromarray(np.ascontiguousarray(stored)).save(path, format_, exif=exif, **lossless)
    return path


def album_world(home: Path, *photographs: Path) -> World:
    """A gallery of these photographs, every face in them named by its place."""
    world = people(home)
    world.opened.enroll([str(one) for one in photographs], faces=RULES)
    for image in world.opened.store.seen_images():
        for sample in image.samples:
            world.opened.samples.relabel([sample.id], NAMES[sample.box.x1 // 4 + 1])
    return world
