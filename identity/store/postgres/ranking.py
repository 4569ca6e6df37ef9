"""Lets the database reckon how near vectors are to a probe, by pgvector's product in float32."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Float, bindparam, case, func

from identity.store import tables as t
from identity.store.packed_vector import PackedVector


def product(probe: bytes, *, dim: int, pgvector: str) -> ColumnElement[float]:
    """x.y of the column of vectors and a probe; NULL for vectors of another dimension, which pgvector would refuse.

    Functions are named with the schema that pgvector is in: it is not in the search path.
    """
    column, its = t.vector.c.vector, getattr(func, pgvector)
    asked = bindparam("probe", probe, PackedVector())
    return case((its.vector_dims(column) == dim, -its.vector_negative_inner_product(column, asked, type_=Float)))
