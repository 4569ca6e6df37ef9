"""What `identity models` puts together: the catalogue, the folder of installed models, and VGG-Face's conversion."""

from __future__ import annotations

from dataclasses import replace
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from identity.settings import Settings
from identity.wiring import model_folder

if TYPE_CHECKING:
    from collections.abc import Callable

    from identity.core.types import Image
    from identity.zoo.catalogue import Entry
    from identity.zoo.folder import InstalledModel

SIDE_PX = 224


def offered() -> list[Entry]:
    """Every file that the catalogue knows."""
    from identity.zoo.catalogue import ENTRIES

    return list(ENTRIES)


def pull(
    settings: Settings,
    name: str,
    *,
    accept_licence: bool = False,
    offline: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> InstalledModel:
    """Install a model of the catalogue from its release, or from the mirror that the settings name."""
    from identity.zoo import pull as zoo

    return zoo.pull(
        name,
        folder=model_folder(settings),
        accept_licence=accept_licence,
        offline=offline or settings.offline,
        mirror=settings.mirror,
        progress=progress,
        convert=_converter(),
    )


def add(
    settings: Settings,
    path: Path,
    *,
    manifest: Path | None = None,
    name: str | None = None,
    accept_licence: bool = False,
) -> InstalledModel:
    """Install a model from a file or folder; `vgg_face_weights.h5` is converted first."""
    from identity.zoo import adding

    return adding.add(
        path,
        folder=model_folder(settings),
        manifest=manifest,
        name=name,
        accept_licence=accept_licence,
        convert=_converter(),
    )


def _converter() -> Callable[[Path, Path], Path] | None:
    """VGG-Face's conversion, where the extra `train` is there: nobody downloads 580 MB to learn that it is not."""
    there = all(find_spec(library) is not None for library in ("h5py", "keras", "onnx"))
    return convert_vggface if there else None


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
