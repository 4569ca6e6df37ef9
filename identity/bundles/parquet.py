"""A table of samples as a Parquet file, for programs that know nothing of galleries. docs/files.md has its columns."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from identity.core import unfinished
from identity.core.durable import replace_durably, require_plain
from identity.core.errors import StoreError, UsageError
from identity.core.shown import shown_name
from identity.core.types import Vectors

FORMAT = "identity.samples-table/1"
COLUMNS = {
    "sample": "int64", "image": "int64", "path": "string", "row": "int64", "content": "string", "width": "int32",
    "height": "int32", "x1": "int32", "y1": "int32", "x2": "int32", "y2": "int32", "score": "float64", "role": "string",
    "identity": "string", "proposed": "string", "cluster": "int64",
}  # fmt: skip
VECTOR = "vector"
_MAGIC = b"PAR1"
Chunk = tuple[Sequence[tuple[Any, ...]], Vectors]  # rows in the order of the columns, and their vectors


def require_pyarrow() -> None:
    """Raise `UsageError` where the library that writes such files is not installed."""
    try:
        import_module("pyarrow.parquet")
    except ImportError as error:
        raise UsageError("Parquet files need PyArrow: pip install 'identity-search[parquet]'") from error


def write_table(path: Path, facts: Mapping[str, Any], chunks: Iterable[Chunk], *, dim: int) -> tuple[int, int]:
    """Write the rows to `path`, whole or not at all, in place of an older table; how many there are, and the bytes.

    Raises `UsageError` where `path` is a link or holds something else, `StoreError` where it cannot be written.
    """
    require_pyarrow()
    require_plain(path)
    _require_replaceable(path)
    unfinished.sweep(path)
    partial = unfinished.beside(path)
    try:
        partial.touch(mode=0o600, exist_ok=False)
        count = _write(partial, facts, chunks, dim=dim)
        replace_durably(partial, path)
        return count, path.stat().st_size
    except OSError as error:
        raise StoreError(f"{shown_name(path)} cannot be written ({error}): choose a folder that has room") from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def _write(path: Path, facts: Mapping[str, Any], chunks: Iterable[Chunk], *, dim: int) -> int:
    import pyarrow as pa
    from pyarrow import parquet

    said = json.dumps({"format": FORMAT, **facts}, ensure_ascii=False)
    fields = [pa.field(name, pa.type_for_alias(kind)) for name, kind in COLUMNS.items()]
    fields.append(pa.field(VECTOR, pa.list_(pa.float32(), dim), nullable=False))
    schema = pa.schema(fields, metadata={"identity": said})
    count = 0
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        for rows, vectors in chunks:
            columns = list(zip(*rows, strict=True)) or [()] * len(COLUMNS)
            arrays = [pa.array(values, field.type) for values, field in zip(columns, fields[:-1], strict=True)]
            flat = pa.array(vectors.reshape(-1), pa.float32())
            arrays.append(pa.FixedSizeListArray.from_arrays(flat, dim))
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
            count += len(rows)
    return count


def _require_replaceable(path: Path) -> None:
    if not path.exists() or path.stat().st_size == 0:
        return
    with path.open("rb") as file:
        if file.read(len(_MAGIC)) == _MAGIC:
            return
    raise UsageError(f"{shown_name(path)} is no Parquet file, and is not replaced by one: choose another name")
