"""Looks through an ONNX file, unloaded, for weights that it keeps in other files.

The file is a tree of protobuf messages (https://protobuf.dev/programming-guides/encoding); only the branches that lead
to tensors are gone through. ONNX Runtime would open whatever path such a tensor names.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from pathlib import Path

from identity.core.errors import ModelError
from identity.core.shown import shown_name

# message -> number of a field -> the message in it, as onnx.proto has them
BRANCHES: dict[str, dict[int, str]] = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "function": {7: "node", 11: "attribute"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {},
}
EXTERNAL_DATA, DATA_LOCATION = 13, 14  # fields of a tensor; the second is 0 where the weights are in this file
VARINT, EIGHT_BYTES, MESSAGE, FOUR_BYTES = 0, 1, 2, 5  # kinds of a field's content
Field = tuple[int, int, int]  # number, and either a number twice or where a message begins and ends


def require_one_file(path: Path) -> None:
    """Raise `ModelError` where a tensor lies in another file, or the file is no tree of such messages."""
    named = shown_name(path)
    try:
        if not path.stat().st_size:
            raise ValueError("it is empty")
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            elsewhere = _keeps_weights_elsewhere(content)
    except (OSError, ValueError, IndexError) as error:
        raise ModelError(f"{named} is not an ONNX file ({error}): give an ONNX file") from error
    if elsewhere:
        raise ModelError(f"{named} keeps weights in another file: save the network as one file")


def _keeps_weights_elsewhere(content: mmap.mmap) -> bool:
    waiting = [("model", 0, len(content))]
    while waiting:
        message, start, end = waiting.pop()
        branches = BRANCHES[message]
        for number, begins, ends in _fields(content, start, end):
            if message == "tensor" and (number == EXTERNAL_DATA or (number == DATA_LOCATION and begins)):
                return True
            if number in branches:
                waiting.append((branches[number], begins, ends))
    return False


def _fields(content: mmap.mmap, at: int, end: int) -> Iterator[Field]:
    while at < end:
        key, at = _varint(content, at)
        kind, number = key & 7, key >> 3
        if kind == VARINT:
            value, at = _varint(content, at)
            yield number, value, value
            continue
        if kind == MESSAGE:
            length, at = _varint(content, at)
        else:
            length = {EIGHT_BYTES: 8, FOUR_BYTES: 4}.get(kind, -1)
        if length < 0 or at + length > end:
            raise ValueError("a part of it is cut off, or is of an unknown kind")
        yield number, at, at + length
        at += length


def _varint(content: mmap.mmap, at: int) -> tuple[int, int]:
    """A number in groups of seven bits, and where what follows it begins."""
    value = 0
    for shift in range(0, 70, 7):
        byte = content[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise ValueError("a number in it has no end")
