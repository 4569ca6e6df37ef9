"""A gallery of people in a home, without a network: photographs in files, and faces in them with places and names."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image

from identity.bootstrap import SHIPPED
from identity.core.types import Box, NewSample, Role, SourceImage
from identity.imaging.sources import content_of
from identity.store.opening import open_store

DIM = 4
MODEL = "family-net"


def family_gallery(home: Path, photographs: Mapping[Path, Mapping[Box, str | None]], *, name: str = "family") -> None:
    """A gallery of these photographs; a file that is not there was enrolled once, and is gone."""
    _install_model(home)
    store = open_store(f"sqlite:///{home / 'identity.db'}")
    gallery = store.galleries.create(name, model=MODEL, detector="yunet", space="s" * 64, dim=DIM)
    samples = [
        _sample(_image(path), box, identity) for path, faces in photographs.items() for box, identity in faces.items()
    ]
    store.samples(gallery).add(samples)
    store.close()


def _install_model(home: Path) -> None:
    folder = home / "models" / MODEL
    if folder.exists():
        return
    shutil.copytree(SHIPPED / "models" / "digits", folder)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest |= {"name": MODEL, "kind": "face", "dim": DIM}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def _image(path: Path) -> SourceImage:
    if not path.exists():
        return SourceImage("given", str(path), content=b"gone" * 8, width=8, height=8)
    pixels = np.asarray(Image.open(path))
    height, width = pixels.shape[:2]
    return SourceImage("given", str(path), content=content_of(pixels), width=width, height=height)


def _sample(image: SourceImage, box: Box, identity: str | None) -> NewSample:
    vector = np.eye(DIM, dtype=np.float32)[box.x1 % DIM]
    return NewSample(image, box, vector, identity, Role.GALLERY)
