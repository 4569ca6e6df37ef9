"""Reads the kernels of a network out of an HDF5 file as Keras 2 wrote them.

The file (or, where the whole model was saved, its group `model_weights`) names its layers in the attribute
`layer_names`; each layer's group names its arrays in `weight_names`, empty for layers that learn nothing. Layers go by
their order, never by their names, which count up in every Keras session.

Nothing is believed before it is read: the structure is first gone through in a process of its own, and only arrays that
lie whole and plain in this very file are read, as Keras writes them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from identity.core.errors import IdentityError, ModelError, TrainingError
from identity.core.shown import shown_name, visible
from identity.core.trial import Texts, Trial, try_out

Weights: TypeAlias = list[list[NDArray[np.float32]]]  # kernel (h, w, in, out) and bias (out,) of each layer, in order
CURE = "download it again"
LARGEST_BYTES = 768 << 20  # of all arrays as float32; VGG-Face's are 580 million
MOST_NAMES, MOST_NAME_BYTES = 1000, 1 << 16
LOOK = Trial("identity.embedders.vggface_weights:look", 10.0, 1 << 30, CURE)


def read_weights(path: Path) -> Weights:
    """Kernel and bias of every layer that has them. Raises `ModelError` where the file is not such a file."""
    try:
        import h5py  # noqa: F401
    except ImportError as error:
        raise TrainingError("h5py is needed to read HDF5 weights: pip install 'identity-search[train]'") from error
    try_out(LOOK, path, {"path": str(path)})
    with _opened(path) as root:
        return [[np.asarray(array, dtype=np.float32) for array in pair] for pair in _pairs(root)]


def look(texts: Texts) -> None:
    """Go through the structure of a file, no array read. Raises `ModelError`."""
    with _opened(Path(texts["path"])) as root:
        _pairs(root)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    import h5py

    try:
        with h5py.File(path, "r") as file:
            yield _member(file, "model_weights") if "model_weights" in file else file
    except IdentityError:
        raise
    except Exception as error:  # HDF5 raises whatever its parts stumble over
        reason = visible(" ".join(str(error.args[0] if error.args else error).split()))[:200] or type(error).__name__
        raise ModelError(
            f"{shown_name(path)} is not a file of Keras weights, or is damaged ({reason}): {CURE}"
        ) from error


def _pairs(root: Any) -> list[list[Any]]:
    """Kernel and bias of each layer, unread. Raises `ValueError` where they are others, or too much together."""
    found = []
    for layer in _names(root, "layer_names"):
        group = _member(root, layer)
        arrays = [_plain(_member(group, name), name) for name in _names(group, "weight_names")]
        if arrays:
            found.append(_pair(arrays, layer))
    most = 4 * sum(array.size for pair in found for array in pair)
    if most > LARGEST_BYTES:
        raise ValueError(f"its weights have {most:,} bytes, but at most {LARGEST_BYTES:,} are read")
    return found


def _pair(arrays: list[Any], layer: str) -> list[Any]:
    if [array.ndim for array in arrays] != [4, 1]:
        raise ValueError(f"layer {layer} is not a convolution with kernel and bias")
    return arrays


def _plain(array: Any, name: str) -> Any:
    """The array, where it is one of floating-point numbers that lies in one piece in this file."""
    if not np.issubdtype(array.dtype, np.floating) or array.dtype.itemsize > 8:
        raise ValueError(f"{name} does not hold floating-point numbers")
    if array.is_virtual or array.external or array.chunks is not None:
        raise ValueError(f"{name} is compressed, in pieces, or in another file")
    if array.id.get_storage_size() != array.size * array.dtype.itemsize:
        raise ValueError(f"{name} is not whole")
    return array


def _member(group: Any, name: str) -> Any:
    """What has this name within a group; no link leads to it but those that make it a part of this file."""
    import h5py

    for part in name.split("/"):
        if not isinstance(group.get(part, getlink=True), h5py.HardLink):
            raise ValueError(f"{name} is not in the file, or a link to something else")
        group = group[part]
    return group


def _names(group: Any, attribute: str) -> list[str]:
    if attribute not in group.attrs:
        raise ValueError(f"no attribute {attribute}")
    stored = group.attrs.get_id(attribute)
    count = stored.shape[0] if len(stored.shape) == 1 else MOST_NAMES + 1
    if count > MOST_NAMES or count * stored.dtype.itemsize > MOST_NAME_BYTES:
        raise ValueError(f"the attribute {attribute} is not a list of at most {MOST_NAMES} names")
    return [name.decode() if isinstance(name, bytes) else str(name) for name in group.attrs[attribute]]
