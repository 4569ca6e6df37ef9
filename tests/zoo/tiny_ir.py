"""A network of a few layers in OpenVINO's form, every kind that is read once, and what numpy makes of it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

SIDE, CHANNELS, DIM = 8, 4, 6
PLACED = {"strides": "1, 1", "dilations": "1, 1", "pads_begin": "0, 0", "pads_end": "0, 0", "auto_pad": "explicit"}
NUMPY = {"auto_broadcast": "numpy"}
POOLED = {"kernel": "2, 2", "rounding_type": "floor", "exclude-pad": "true", "auto_pad": "explicit",
          "strides": "2, 2", "pads_begin": "0, 0", "pads_end": "0, 0"}  # fmt: skip


@dataclass
class Written:
    """Layers and edges as XML, and the constants' bytes."""

    layers: list[str] = field(default_factory=list)
    edges: list[str] = field(default_factory=list)
    content: bytes = b""

    def layer(self, kind: str, attributes: dict[str, object], shape: tuple[int, ...], *sources: int) -> int:
        number = len(self.layers)
        data = " ".join(f'{key}="{value}"' for key, value in attributes.items())
        dims = "".join(f"<dim>{size}</dim>" for size in shape)
        ports = f'<output><port id="9">{dims}</port></output>'
        self.layers.append(
            f'<layer id="{number}" name="l{number}" type="{kind}" version="opset1"><data {data}/>{ports}</layer>'
        )
        self.edges += [
            f'<edge from-layer="{source}" from-port="9" to-layer="{number}" to-port="{port}"/>'
            for port, source in enumerate(sources)
        ]
        return number

    def constant(self, values: np.ndarray) -> int:
        """A constant in half precision, and the layer that makes it a single one."""
        halves = values.astype("<f2").tobytes()
        shape = ", ".join(map(str, values.shape))
        facts = {"element_type": "f16", "shape": shape, "offset": len(self.content), "size": len(halves)}
        self.content += halves
        stored = self.layer("Const", facts, values.shape)
        return self.layer("Convert", {"destination_type": "f32"}, values.shape, stored)

    @property
    def xml(self) -> bytes:
        parts = ("<net><layers>", *self.layers, "</layers><edges>", *self.edges, "</edges></net>")
        return "".join(parts).encode()


@dataclass
class Weights:
    """Numbers that half precision holds exactly, so that numpy and the file have the same."""

    scale: np.ndarray
    shift: np.ndarray
    kernels: np.ndarray
    slope: np.ndarray
    depthwise: np.ndarray
    slopes: np.ndarray
    gate: np.ndarray
    last: np.ndarray


def weights() -> Weights:
    random = np.random.default_rng(0)
    shapes = [(1, 3, 1, 1), (1, 3, 1, 1), (CHANNELS, 3, 3, 3), (1,), (CHANNELS, 1, 1, 3, 3), (CHANNELS,),
              (CHANNELS, CHANNELS, 1, 1), (DIM, CHANNELS, 2, 2)]  # fmt: skip
    return Weights(*[random.normal(size=shape).astype(np.float16).astype(np.float32) for shape in shapes])


def tiny() -> Written:
    """The network as two files."""
    made, by = Written(), weights()
    image, wide, half = (1, 3, SIDE, SIDE), (1, CHANNELS, SIDE, SIDE), (1, CHANNELS, SIDE // 2, SIDE // 2)
    small = (1, CHANNELS, SIDE // 4, SIDE // 4)
    data = made.layer("Parameter", {"shape": f"1,3,{SIDE},{SIDE}", "element_type": "f32"}, image)
    scaled = made.layer("Multiply", NUMPY, image, data, made.constant(by.scale))
    moved = made.layer("Add", NUMPY, image, scaled, made.constant(by.shift))
    around = PLACED | {"pads_begin": "1, 1", "pads_end": "1, 1"}
    first = made.layer("Convolution", around, wide, moved, made.constant(by.kernels))
    bent = made.layer("PReLU", {}, wide, first, made.constant(by.slope))
    second = made.layer("GroupConvolution", around | {"strides": "2, 2"}, half, bent, made.constant(by.depthwise))
    again = made.layer("PReLU", {}, half, second, made.constant(by.slopes))
    pooled = made.layer("AvgPool", POOLED, small, again)
    gate = made.layer("Convolution", PLACED, small, pooled, made.constant(by.gate))
    opened = made.layer("Multiply", NUMPY, small, pooled, made.layer("Sigmoid", {}, small, gate))
    vector = made.layer("Convolution", PLACED, (1, DIM, 1, 1), opened, made.constant(by.last))
    made.layer("Result", {}, (), vector)
    return made


def expected(images: np.ndarray) -> np.ndarray:
    """What the network gives for images (n, 3, SIDE, SIDE), by numpy alone."""
    by = weights()
    x = _bent(_convolved(images * by.scale + by.shift, by.kernels, pad=1), by.slope)
    x = _bent(_grouped(x, by.depthwise), by.slopes.reshape(-1, 1, 1))
    x = x.reshape(len(x), CHANNELS, SIDE // 4, 2, SIDE // 4, 2).mean(axis=(3, 5))
    x = x / (1 + np.exp(-_convolved(x, by.gate)))
    return _convolved(x, by.last).reshape(len(x), DIM)


def _bent(x: np.ndarray, slope: np.ndarray) -> np.ndarray:
    return np.where(x < 0, x * slope, x)


def _convolved(x: np.ndarray, kernels: np.ndarray, *, pad: int = 0, stride: int = 1) -> np.ndarray:
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernels.shape[2:], axis=(2, 3))
    return np.einsum("nchwij,ocij->nohw", windows[:, :, ::stride, ::stride], kernels)


def _grouped(x: np.ndarray, kernels: np.ndarray) -> np.ndarray:
    parts = [_convolved(x[:, [channel]], kernels[channel], pad=1, stride=2) for channel in range(CHANNELS)]
    return np.concatenate(parts, axis=1)
