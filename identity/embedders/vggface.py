"""VGG-Face as a Keras network: takes the published weights once and leaves an ONNX file that is served like any other.

Parkhi, Vedaldi, Zisserman: "Deep Face Recognition", BMVC 2015, network A: 13 convolutions, 15 ReLU, 5 poolings, 3
fully connected layers written as convolutions, and a softmax, 37 operations beside zero padding and dropout. The
softmax is left out when it is served: the descriptor is the 2622 numbers before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from identity.core.distance import unit_vectors
from identity.core.errors import ModelError, TrainingError
from identity.core.model import InputSpec
from identity.core.types import Image
from identity.embedders.onnx import open_session, tensor
from identity.embedders.vggface_graph import write_onnx
from identity.embedders.vggface_weights import Weights, read_weights

BLOCKS = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))  # channels and 3x3 convolutions between two poolings
FULLY_CONNECTED = ((4096, 7), (4096, 1), (2622, 1))  # channels and side of the convolution that stands for it
SIZE_PX = 224
DROPOUT = 0.5
CURE = "use the published file vgg_face_weights.h5"
TOLERANCE = 1e-4  # on unit descriptors


def sequential() -> Any:
    """The whole network as the paper prints it, softmax included, untrained. Raises `TrainingError` without Keras."""
    keras = _keras()
    layers = keras.layers
    stack = [keras.Input((SIZE_PX, SIZE_PX, 3))]
    for channels, convolutions in BLOCKS:
        for _ in range(convolutions):
            stack += [layers.ZeroPadding2D(1), layers.Conv2D(channels, 3), layers.ReLU()]
        stack.append(layers.MaxPooling2D(2, strides=2))
    for channels, side in FULLY_CONNECTED[:-1]:
        stack += [layers.Conv2D(channels, side), layers.ReLU(), layers.Dropout(DROPOUT)]
    stack += [layers.Conv2D(*FULLY_CONNECTED[-1]), layers.Flatten(), layers.Softmax()]
    return keras.Sequential(stack, name="vgg_face")


def descriptor(weights: Weights) -> Any:
    """The network with its weights and without the softmax. Raises `ModelError` where the weights are another's."""
    _check(weights)
    whole = sequential()
    for layer, pair in zip([layer for layer in whole.layers if layer.weights], weights, strict=True):
        layer.set_weights(pair)
    return _keras().Sequential([whole.inputs[0], *whole.layers[:-1]], name="vgg_face_descriptor")


def convert(weights_h5: Path, target: Path, *, spec: InputSpec, images: Sequence[Image]) -> Path:
    """Write the descriptor network of a Keras weights file as ONNX to `target`; returns it.

    `images` (224, 224, 3) are real ones on which Keras and ONNX must agree to 1e-4. Raises `ModelError` where the
    weights are not VGG-Face's, `TrainingError` where the two disagree or the extra `train` is not installed.
    """
    network = descriptor(read_weights(weights_h5))
    write_onnx(network, target)
    _require_parity(network, target, tensor(images, spec))
    return target


def _keras() -> Any:
    try:
        import keras
    except ImportError as error:
        raise TrainingError("Keras is needed to convert VGG-Face: pip install 'identity-search[train]'") from error
    return keras


def _kernel_shapes() -> list[tuple[int, int, int, int]]:
    """Height, width, channels in and channels out of every convolution, in order."""
    layers = [(channels, 3) for channels, convolutions in BLOCKS for _ in range(convolutions)] + [*FULLY_CONNECTED]
    given = [3, *(channels for channels, _ in layers)]
    return [(side, side, before, channels) for before, (channels, side) in zip(given, layers, strict=False)]


def _check(weights: Weights) -> None:
    """Refuse what is not VGG-Face before Keras is loaded."""
    wanted = _kernel_shapes()
    if len(weights) != len(wanted):
        raise ModelError(f"the file has {len(weights)} layers with weights, but VGG-Face has {len(wanted)}: {CURE}")
    for place, ((kernel, bias), shape) in enumerate(zip(weights, wanted, strict=True), start=1):
        if kernel.shape != shape or bias.shape != shape[-1:]:
            raise ModelError(f"layer {place} of the file has shape {kernel.shape}, but VGG-Face has {shape}: {CURE}")
        if not (np.isfinite(kernel).all() and np.isfinite(bias).all()):
            raise ModelError(f"layer {place} of the file holds NaN or infinite weights: {CURE}")


def _require_parity(network: Any, target: Path, shown: NDArray[np.float32]) -> None:
    session = open_session(target)
    served = unit_vectors(session.run(None, {session.get_inputs()[0].name: shown})[0])
    wanted = unit_vectors(np.asarray(network(shown, training=False)))
    difference = float(np.abs(served - wanted).max())
    if not difference <= TOLERANCE:
        raise TrainingError(
            f"Keras and ONNX differ by {difference:.1e} on real images, more than {TOLERANCE:g}: "
            "install other versions of Keras and onnx"
        )
