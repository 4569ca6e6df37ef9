"""VGG-Face's Keras weights become a model folder of this package, checked on real photographs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from identity.core.types import Image

SIDE_PX = 224
LIBRARIES = ("h5py", "keras", "onnx")  # of the extra `train`


def converter() -> Callable[[Path, Path], Path] | None:
    """The conversion, where the extra `train` is there: nobody downloads 580 MB to learn that it is not."""
    return convert_vggface if all(find_spec(library) is not None for library in LIBRARIES) else None


def convert_vggface(weights: Path, folder: Path) -> Path:
    """A model folder of VGG-Face made from its Keras weights. Raises `TrainingError` without the extra `train`."""
    from identity.embedders.vggface import convert
    from identity.zoo.catalogue import VGG_FACE
    from identity.zoo.digest import sha256_of
    from identity.zoo.manifest import MANIFEST, dump

    facts = VGG_FACE.manifest
    file = convert(weights, folder / facts.file, spec=facts.input, images=photographs())
    made = {
        "recipe": "converted from Keras weights",
        "weights_sha256": sha256_of(weights),
        "versions": {one: version(one) for one in ("keras", "onnx", "numpy")},
    }
    whole = replace(facts, sha256=sha256_of(file), bytes=file.stat().st_size, training=made)
    (folder / MANIFEST).write_text(dump(whole), encoding="utf-8")
    return folder


def photographs() -> list[Image]:
    """Four cuts (224, 224, 3) of the two photographs that come with scikit-learn, a temple and a flower."""
    from sklearn.datasets import load_sample_images

    return [
        picture[100 : 100 + SIDE_PX, left : left + SIDE_PX]
        for picture in load_sample_images().images
        for left in (0, 300)
    ]
