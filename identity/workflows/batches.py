"""Work on many images: in batches, the next one being read while this one is embedded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def batches(items: Iterable[T], *, size: int) -> Iterator[list[T]]:
    """Lists of at most `size` items; one list is read ahead in a thread, so at most two are in memory."""
    source = iter(items)

    def take() -> list[T]:
        return list(islice(source, size))

    with ThreadPoolExecutor(1, thread_name_prefix="read-ahead") as reader:
        ahead = reader.submit(take)
        while batch := ahead.result():
            ahead = reader.submit(take)
            yield batch
