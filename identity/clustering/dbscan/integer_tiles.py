"""8-bit tiles: exact integer products of rounded rows, four times the speed of float32 on a processor with VNNI.

Rows become x~ = scale * k with integers |k| <= 127. Their products are summed exactly in int32, so the only error is
the rounding of the rows, whose size is measured (`rounding`, 4). The integer GEMM is ONNX Runtime's MatMulInteger,
which the package needs anyway. On x86-64 without VNNI its kernels add two products in saturating 16-bit arithmetic;
`is_exact` tries the worst case once and such a machine stays with float32.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from identity.clustering.dbscan.parallel import largest_of
from identity.clustering.dbscan.rounding import Band, band, residual_bound
from identity.clustering.dbscan.tiles import Products, Spreads, Stripe, tile_of
from identity.core.types import Vectors

LARGEST = 127
ZERO = 128  # rows are stored as k + 128 in uint8, columns as k in int8: the pairing with the fastest kernels
MAX_DIM = 1 << 16  # 2^16 * 255 * 127 < 2^31: no sum leaves int32
# An ONNX graph of one node, y = MatMulInteger(a, b, zero): uint8 (m, k), int8 (k, n), zero = 128 -> int32 (m, n).
GRAPH = bytes.fromhex(
    "08083a790a1e0a01610a01620a047a65726f120179220d4d61744d756c496e7465676572120474696c652a0c10022a028001"
    "42047a65726f5a150a016112100a0e0802120a0a0312016d0a0312016b5a150a016212100a0e0803120a0a0312016b0a0312"
    "016e62150a017912100a0e0806120a0a0312016d0a0312016e42040a00100d"
)


@dataclass(frozen=True, slots=True)
class IntegerTiles:
    """8-bit products between rows and columns that were rounded with the same scale."""

    rows: NDArray[np.uint8]  # (n, dim), k + 128
    columns: NDArray[np.uint8]  # (m, dim), k + 128
    scale: float
    spreads: Spreads

    @classmethod
    def over(cls, rows: Vectors, columns: Vectors, spreads: Spreads) -> IntegerTiles:
        """Round two sets of checked vectors, given the spread of the stored rows."""
        largest = max(float(side) for part in (rows, columns) for side in (part.max(), -part.min()))
        scale = float(np.float32(largest / LARGEST))
        narrow, residual = round_to_integers(rows, scale)
        first = replace(spreads[0], residual=residual)
        if columns is rows:
            return cls(narrow, narrow, scale, (first, first))
        turned, residual = round_to_integers(columns, scale)
        return cls(narrow, turned, scale, (first, replace(spreads[1], residual=residual)))

    @property
    def unit(self) -> float:
        """Of a product of two integers."""
        return self.scale**2

    def band(self, eps: float, rows: slice, columns: slice) -> Band:  # noqa: ARG002
        """The band of all tiles in units of scale^2, moved outwards onto integers and one further for the division."""
        undecided = band(*self.spreads, eps=eps, dim=self.rows.shape[1], roundoff=0.0)
        return Band(
            float(np.floor(undecided.low / self.unit) - 1), float(np.ceil(undecided.high / self.unit) + 1)
        )

    def stripe(self, columns: slice) -> Stripe:
        """An integer GEMM per tile."""
        turned = np.ascontiguousarray((self.columns[columns] ^ ZERO).view(np.int8).T)
        return lambda rows, out: multiply_into(self.rows[rows], turned, tile_of(out, rows, columns).view(np.int32))

    def among(self, numbers: NDArray[np.intp]) -> Self:
        """A copy of these rows, beside the same columns."""
        return replace(self, rows=self.rows[numbers])


def round_to_integers(vectors: Vectors, scale: float) -> tuple[NDArray[np.uint8], float]:
    """The rows as k + 128 (n, dim), and a bound of the largest ||x - scale k|| of any row."""
    narrow = np.empty(vectors.shape, np.uint8)
    furthest = largest_of(lambda part: _round_into(vectors[part], np.float32(scale), narrow[part]), vectors)
    return narrow, residual_bound(furthest**0.5, dim=vectors.shape[1])


def _round_into(vectors: Vectors, scale: np.float32, out: NDArray[np.uint8]) -> float:
    k = vectors * (np.float32(1) / scale)
    np.rint(k, out=k)
    np.clip(k, -LARGEST, LARGEST, out=k)
    np.add(k, np.float32(ZERO), out=out, casting="unsafe")
    k *= scale
    np.subtract(vectors, k, out=k)
    return float(np.einsum("ij,ij->i", k, k).max())


def multiply_into(rows: NDArray[np.uint8], columns: NDArray[np.int8], out: NDArray[np.int32]) -> Products:
    """(k + 128 - 128) (m, dim) times columns (dim, n), written into `out` (m, n)."""
    binding = _session().io_binding()
    binding.bind_input("a", "cpu", 0, np.uint8, rows.shape, rows.ctypes.data)
    binding.bind_input("b", "cpu", 0, np.int8, columns.shape, columns.ctypes.data)
    binding.bind_output("y", "cpu", 0, np.int32, out.shape, out.ctypes.data)
    _session().run_with_iobinding(binding)
    return out


@cache
def is_exact() -> bool:
    """Whether this machine's kernels sum the largest products without saturating, in tall, flat and odd shapes."""
    return all(_is_exact_for(*shape) for shape in ((1, 64, 1), (67, 131, 35), (4, 512, 64)))


def _is_exact_for(height: int, depth: int, width: int) -> bool:
    rows = np.where(np.arange(height)[:, None] % 2, 1, 255) * np.ones((1, depth))
    columns = np.where(np.arange(width) % 2, -LARGEST, LARGEST) * np.ones((depth, 1))
    found = np.empty((height, width), np.int32)
    multiply_into(rows.astype(np.uint8), np.ascontiguousarray(columns.astype(np.int8)), found)
    return bool((found == (rows - ZERO) @ columns).all())


@cache
def _session() -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # parallel over tiles, not inside them
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(GRAPH, options, providers=["CPUExecutionProvider"])
