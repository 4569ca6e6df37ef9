"""Work on many images: in batches, the next one being read and the last one written while this one is embedded."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


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


def behind(work: Callable[[T], R], items: Iterable[T]) -> Generator[R, None, None]:
    """`work(item)` of each item in order, done in a thread while the next item is being made.

    What `work` raises comes out here, and the items after it are left alone. Closed early, it still finishes the item
    that was handed over last.
    """

    def after(previous: Future[R] | None, item: T) -> R:
        if previous is not None:
            previous.result()
        return work(item)

    with ThreadPoolExecutor(1, thread_name_prefix="behind") as worker:
        under_way: Future[R] | None = None
        for item in items:
            previous, under_way = under_way, worker.submit(after, under_way, item)
            if previous is not None:
                yield previous.result()
        if under_way is not None:
            yield under_way.result()
