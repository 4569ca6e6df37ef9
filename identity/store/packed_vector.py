"""A vector's column: its bytes as they are in SQLite, pgvector's `vector` in PostgreSQL; the same bytes either way."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from sqlalchemy import Dialect
from sqlalchemy.types import UserDefinedType

_HEADER = 4  # bytes: the number of dimensions, and two of nothing


class WireVector(bytes):
    """A vector as PostgreSQL's binary protocol has it: header, then float32, big endian."""

    __slots__ = ()


def to_wire(packed: bytes) -> WireVector:
    """From (dim,) float32, little endian; every bit is kept."""
    numbers = np.frombuffer(packed, "<f4")
    return WireVector(len(numbers).to_bytes(2, "big") + b"\0\0" + numbers.astype(">f4").tobytes())


def from_wire(wire: bytes) -> bytes:
    """To (dim,) float32, little endian; every bit is kept."""
    return np.frombuffer(wire, ">f4", offset=_HEADER).astype("<f4").tobytes()


class PackedVector(UserDefinedType[bytes]):
    """(dim,) float32, little endian, as a `vector` of any dimension."""

    cache_ok = True

    def get_col_spec(self, **_unused: object) -> str:
        """Its name in SQL; which schema it stands in, the compiler for PostgreSQL knows."""
        return "vector"

    def bind_processor(self, dialect: Dialect) -> Callable[[bytes | None], bytes | None]:  # noqa: ARG002 (asked so)
        """What is sent for a value."""
        return lambda packed: None if packed is None else to_wire(packed)

    def result_processor(self, dialect: Dialect, _coltype: object) -> Callable[[bytes | None], bytes | None]:  # noqa: ARG002
        """The value of what is received."""
        return lambda wire: None if wire is None else from_wire(wire)
