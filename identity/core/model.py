"""What a model folder says of its network: how an image becomes its input, and what its distances mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class InputSpec:
    """The tensor a network takes: (pixel - mean) * scale as float32, `channels` in this order along `layout`.

    `size_px` is the side of the square it takes, 0 where it takes any size; `mean` has one number per channel.
    """

    layout: str  # NHWC or NCHW
    size_px: int
    channels: str  # grey, rgb or bgr
    mean: tuple[float, ...]
    scale: float


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """Two different people were nearer than `distance` (cosine) at a rate of `fmr`, and who saw that on what.

    `measured_by` and `measured_on` are empty where nobody said; such a rate is a hint and no more. `interval` is the
    95 % interval of the rate among other people, None where nobody computed it.
    """

    fmr: float
    distance: float
    measured_by: str = ""
    measured_on: str = ""
    interval: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A distance (cosine) that the publisher of a network recommends, and all that is stated of it: no error rate."""

    distance: float
    stated: str


@dataclass(frozen=True, slots=True)
class ModelManifest:
    """A network's facts. `dim` is 0 for a detector; `template` holds five points (x, y) as fractions of the side."""

    name: str
    kind: str  # digits, face or detector
    file: str
    sha256: str
    bytes: int
    dim: int
    input: InputSpec
    alignment: str  # mnist-28/1, five-point/1, whole/1 or loose/1
    template: tuple[tuple[float, float], ...] = ()
    licence: str = ""
    source: str = ""
    operating_points: tuple[OperatingPoint, ...] = ()
    recommended: Recommendation | None = None  # decides where there are no operating points
    training: Mapping[str, object] | None = None
