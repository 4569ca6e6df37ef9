"""Reads the kernels of a network out of an HDF5 file as Keras 2 wrote them.

The file (or, where the whole model was saved, its group `model_weights`) names its layers in the attribute
`layer_names`; each layer's group names its arrays in `weight_names`, empty for layers that learn nothing. Layers go by
their order, never by their names, which count up in every Keras session.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from identity.core.errors import ModelError, TrainingError

Weights: TypeAlias = list[list[NDArray[np.float32]]]  # kernel (h, w, in, out) and bias (out,) of each layer, in order


def read_weights(path: Path) -> Weights:
    """Kernel and bias of every layer that has them. Raises `ModelError` where the file is not such a file."""
    try:
        import h5py
    except ImportError as error:
        raise TrainingError("h5py is needed to read HDF5 weights: pip install 'identity-search[train]'") from error
    try:
        with h5py.File(path, "r") as file:
            return _layers(file.get("model_weights", file))
    except (OSError, KeyError, ValueError) as error:
        reason = str(error.args[0] if error.args else error).splitlines()[0]
        raise ModelError(
            f"{path} is not a file of Keras weights, or is damaged ({reason}): download it again"
        ) from error


def _layers(root: Any) -> Weights:
    found = []
    for layer in _names(root, "layer_names"):
        arrays = [np.asarray(root[layer][name], dtype=np.float32) for name in _names(root[layer], "weight_names")]
        if arrays:
            found.append(_pair(arrays, layer))
    return found


def _pair(arrays: list[NDArray[np.float32]], layer: str) -> list[NDArray[np.float32]]:
    if [array.ndim for array in arrays] != [4, 1]:
        raise ValueError(f"layer {layer} is not a convolution with kernel and bias")
    return arrays


def _names(group: Any, attribute: str) -> list[str]:
    if attribute not in group.attrs:
        raise ValueError(f"no attribute {attribute}")
    return [name.decode() if isinstance(name, bytes) else str(name) for name in group.attrs[attribute]]
