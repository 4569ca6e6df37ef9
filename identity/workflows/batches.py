"""Work on many images: in batches bounded by pixels, the next ones being read and described while one is written."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, count, repeat, takewhile
from typing import TypeVar

from identity.core.stopping import STOPPING
from identity.core.types import SourceImage

T = TypeVar("T")
R = TypeVar("R")
MOST_PIXELS = 2**22  # of a batch: 67 photographs of 250 x 250, one of 12 megapixels, never a limit for digits


def batches(images: Iterable[SourceImage], *, size: int, pixels: int = MOST_PIXELS) -> Iterator[list[SourceImage]]:
    """Lists of at most `size` images and some `MOST_PIXELS`; one is read ahead in a thread, so two are in memory.

    The first one has some `pixels`, and each at most twice as many as the one before: so the first is there soon.
    """
    source = iter(images)
    bounds = chain(takewhile(lambda bound: bound < MOST_PIXELS, (pixels << n for n in count())), repeat(MOST_PIXELS))

    def take() -> list[SourceImage]:
        batch: list[SourceImage] = []
        seen, most = 0, next(bounds)
        while len(batch) < size and seen < most and (image := next(source, None)) is not None:
            batch.append(image)
            seen += 0 if image.pixels is None else image.pixels.size // (3 if image.pixels.ndim == 3 else 1)
        return batch

    with ThreadPoolExecutor(1, thread_name_prefix="read-ahead") as reader:
        ahead = reader.submit(take)
        while batch := ahead.result():
            STOPPING.check()
            ahead = reader.submit(take)
            yield batch


def readable_images(images: Iterable[SourceImage], on_failure: Callable[[SourceImage], None]) -> Iterator[SourceImage]:
    """The images that could be read; `on_failure` is told of each other one."""
    for image in images:
        STOPPING.check()
        if image.error is None:
            yield image
        else:
            on_failure(image)


Waiting = deque[tuple[T, "Future[R]"]]


def map_in_threads(
    items: Iterable[T], work: Callable[[T], R], *, workers: int, waiting: Waiting[T, R]
) -> Iterator[tuple[T, R]]:
    """Each item with the result of `work`, in order; `workers` are worked on at once and one more waits.

    When the caller stops early, `waiting` holds what was begun and is done by then; the rest is cancelled.
    """
    with ThreadPoolExecutor(workers, thread_name_prefix="work") as pool:
        try:
            for item in items:
                waiting.append((item, pool.submit(work, item)))
                if len(waiting) > workers:
                    done, result = waiting.popleft()
                    yield done, result.result()
            while waiting:
                done, result = waiting.popleft()
                yield done, result.result()
        finally:
            for _, result in waiting:
                result.cancel()


def finished_results(waiting: Waiting[T, R]) -> Iterator[tuple[T, R]]:
    """What is left of `map_in_threads` and was done all the same."""
    for item, result in waiting:
        if result.done() and not result.cancelled() and result.exception() is None:
            yield item, result.result()
