"""What `identity train` puts together: images from disk, their split, a recipe, and the model folder it leaves."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from identity.core.durable import sync_tree
from identity.core.errors import TrainingError, UsageError
from identity.core.stopping import STOPPING
from identity.settings import Settings
from identity.zoo.manifest import MANIFEST

if TYPE_CHECKING:
    from identity.training.recipes import Corpus

SIZE_PX = 28


def train_digits(
    settings: Settings,
    *,
    data: str,
    recipe: str,
    epochs: int | None,
    seed: int,
    name: str,
    folder: Path | None,
    on_step: Callable[[int, int, float], None],
) -> Path:
    """Train on the part of `data` that neither calibrates nor tests; the model folder written, with its loss curve.

    Raises `TrainingError` without the extra `train`, `UsageError` for data that holds no labelled 28x28 images.
    """
    from identity.plots.loss import draw
    from identity.training import corpus as corpora
    from identity.training import train
    from identity.training.recipes import Corpus

    target = folder or settings.models / name
    _require_place(target)  # before hours of training, not after
    whole = load_corpus(data, settings=settings)
    rows, _ = corpora.split(whole.labels)
    own = Corpus(whole.images[rows], whole.labels[rows], whole.name, whole.sha256)
    curve: list[tuple[int, float]] = []

    def record(done: int, total: int, value: float) -> None:
        STOPPING.check()
        curve.append((done, value))
        on_step(done, total, value)

    written = train(own, recipe=recipe, epochs=epochs, seed=seed, folder=target, name=name, on_step=record)
    draw({recipe: curve}, path=written / "loss.png")
    try:
        sync_tree(written)
    except OSError as error:
        raise TrainingError(f"cannot write {written} ({error.strerror}): check the disk, then train again") from error
    return written


def _require_place(folder: Path) -> None:
    """Raise `UsageError` where what has the name is no model folder: nothing else is ever replaced."""
    if folder.is_symlink():
        raise UsageError(f"{folder} is a symbolic link: choose another folder, or delete the link")
    if not folder.exists() or (folder / MANIFEST).is_file():
        return
    if not folder.is_dir() or any(folder.iterdir()):
        raise UsageError(f"{folder} is there and is no model folder: choose another one")


def load_corpus(data: str, *, settings: Settings) -> Corpus:
    """MNIST's training set from a folder or downloaded, or scikit-learn's bundled scans."""
    match data:
        case "uci":
            return _bundled_scans()
        case "mnist":
            from identity.zoo.mnist import download_mnist

            images = download_mnist(settings.home / "mnist", offline=settings.offline)["train-images-idx3-ubyte.gz"]
            return _from_idx(images, name="mnist", most_bytes=settings.limits.file_bytes)
        case path:
            images = _training_images(Path(path))
            return _from_idx(images, name=Path(path).name, most_bytes=settings.limits.file_bytes)


def _training_images(path: Path) -> Path:
    if path.is_file():
        return path
    found = sorted(path.glob("train-images-idx3-ubyte*")) or sorted(path.glob("*images-idx3-ubyte*"))
    if not found:
        raise UsageError(f"'{path}' holds no train-images-idx3-ubyte[.gz]: give MNIST's folder, 'mnist' or 'uci'")
    return found[0]


def _from_idx(path: Path, *, name: str, most_bytes: int) -> Corpus:
    from identity.imaging.idx import labels_beside, read_idx_images, read_idx_labels
    from identity.training.recipes import Corpus

    beside = labels_beside(path)
    if beside is None:
        raise UsageError(f"{path} has no labels file beside it: training needs labelled images")
    images = read_idx_images(path, most_bytes=most_bytes)
    labels = read_idx_labels(beside, most_bytes=max(1, most_bytes - images.nbytes))
    if images.shape[1:] != (SIZE_PX, SIZE_PX) or len(images) != len(labels):
        raise UsageError(f"{path} and {beside} do not hold as many 28x28 images as labels")
    digest = hashlib.sha256(images.data)
    digest.update(labels.data)
    return Corpus(images, labels.astype("int64"), name, digest.hexdigest())


def _bundled_scans() -> Corpus:
    import numpy as np
    from sklearn.datasets import load_digits

    from identity.core.types import Box, Region
    from identity.imaging.digits import DigitAligner
    from identity.training.recipes import Corpus

    scans = load_digits()
    aligner = DigitAligner()
    framed = [
        aligner.align(np.round(scan * (255 / 16)).astype(np.uint8), Region(Box(0, 0, 8, 8))) for scan in scans.images
    ]
    if any(one is None for one in framed):
        raise TrainingError("scikit-learn's bundled scans have changed: reinstall scikit-learn")
    images = np.stack([one for one in framed if one is not None])
    return Corpus(images, scans.target.astype("int64"), "uci", hashlib.sha256(images.tobytes()).hexdigest())
