"""VGG-Face's weights file in the layout Keras 2 wrote it, with random weights, and the network again in numpy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

Layers = list[tuple[np.ndarray, np.ndarray]]
NARROW_BLOCKS = ((4, 2), (8, 2), (16, 3), (16, 3), (16, 3))
NARROW_CONNECTED = ((32, 7), (32, 1), (2622, 1))


def random_layers(
    rng: np.random.Generator,
    blocks: Sequence[tuple[int, int]] = NARROW_BLOCKS,
    connected: Sequence[tuple[int, int]] = NARROW_CONNECTED,
) -> Layers:
    """Kernels (h, w, in, out) and biases (out,) of every convolution, scaled so that nothing dies or explodes."""
    wanted = [(channels, 3) for channels, count in blocks for _ in range(count)] + list(connected)
    made: Layers = []
    given = 3
    for channels, side in wanted:
        spread = np.float32(np.sqrt(2 / (side * side * given)))
        kernel = rng.standard_normal((side, side, given, channels), dtype=np.float32) * spread
        made.append((kernel, rng.standard_normal(channels, dtype=np.float32) * np.float32(0.1)))
        given = channels
    return made


def write_keras2(path: Path, layers: Layers, blocks: Sequence[tuple[int, int]] = NARROW_BLOCKS) -> Path:
    """A group per layer in the order of the network, those that learn nothing with an empty `weight_names`."""
    import h5py

    names: list[str] = []
    with h5py.File(path, "w") as file:

        def group(name: str, arrays: Sequence[np.ndarray] = ()) -> None:
            names.append(name)
            made = file.create_group(name)
            inside = [f"{name}/{kind}:0" for kind in ("kernel", "bias")[: len(arrays)]]
            for place, array in zip(inside, arrays, strict=True):
                made.create_dataset(place, data=array)
            made.attrs["weight_names"] = np.array([one.encode() for one in inside], dtype="S" if inside else "S1")

        weighted = iter(enumerate(layers, start=1))
        padded = 0
        for block, (_, count) in enumerate(blocks, start=1):
            for _ in range(count):
                padded += 1
                group(f"zero_padding2d_{padded}")
                place, pair = next(weighted)
                group(f"conv2d_{place}", pair)
            group(f"max_pooling2d_{block}")
        for step, (place, pair) in enumerate(weighted, start=1):
            group(f"conv2d_{place}", pair)
            group(f"dropout_{step}" if step < 3 else "flatten_1")
        group("activation_1")
        file.attrs["layer_names"] = np.array([name.encode() for name in names])
        file.attrs["backend"], file.attrs["keras_version"] = b"tensorflow", b"2.1.3"
    return path


def forward(image: np.ndarray, layers: Layers, blocks: Sequence[tuple[int, int]] = NARROW_BLOCKS) -> np.ndarray:
    """The descriptor (2622,) of one image (224, 224, 3) RGB 0..255, written down again without any framework."""
    values = image.astype(np.float64) - (129.1863, 104.7624, 93.5940)
    weighted = iter(layers)
    for _, count in blocks:
        for _ in range(count):
            values = np.maximum(_convolved(np.pad(values, [(1, 1), (1, 1), (0, 0)]), *next(weighted)), 0)
        height, width, channels = values.shape
        values = values.reshape(height // 2, 2, width // 2, 2, channels).max(axis=(1, 3))
    first, second, last = weighted
    values = np.maximum(_convolved(values, *first), 0)
    values = np.maximum(_convolved(values, *second), 0)
    return _convolved(values, *last).ravel()


def _convolved(values: np.ndarray, kernel: np.ndarray, bias: np.ndarray) -> np.ndarray:
    height, width = kernel.shape[:2]
    windows = np.lib.stride_tricks.sliding_window_view(values, (height, width), axis=(0, 1))
    return np.einsum("yxchw,hwco->yxo", windows, kernel.astype(np.float64), optimize=True) + bias
