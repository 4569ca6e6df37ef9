"""Progress of long work on stderr: a bar on a terminal, nothing elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from identity.documents.text import visible


@contextmanager
def bar(total: int | None, *, what: str, unit: str = "image") -> Iterator[Callable[[int], None]]:
    """A function to call with the number of things done since the last call."""
    if not sys.stderr.isatty():
        yield lambda _count: None
        return
    from tqdm import tqdm

    with tqdm(total=total, desc=what, unit=f" {unit}s", leave=False, file=sys.stderr) as shown:
        yield shown.update


@contextmanager
def answers(what: str, *, shown: bool) -> Iterator[Callable[[Iterable[str]], None]]:
    """A function to call with the lines of each answer as it comes; on a terminal they are printed where `shown`."""
    if not sys.stderr.isatty():
        yield lambda _lines: None
        return
    from tqdm import tqdm

    with tqdm(desc=what, unit=" images", leave=False, file=sys.stderr) as done:

        def show(lines: Iterable[str]) -> None:
            for line in lines if shown else ():
                done.write(visible(line), file=sys.stderr)
            done.update(1)

        yield show


@contextmanager
def losses(what: str) -> Iterator[Callable[[int, int, float], None]]:
    """A function to call after each step of a training with steps done, steps in all, and the loss."""
    if not sys.stderr.isatty():
        yield lambda _done, _total, _loss: None
        return
    from tqdm import tqdm

    with tqdm(desc=what, unit=" steps", leave=False, file=sys.stderr) as shown:

        def show(done: int, total: int, loss: float) -> None:
            shown.total = total
            shown.set_postfix(loss=f"{loss:.4f}", refresh=False)
            shown.update(done - shown.n)

        yield show


@contextmanager
def acts(unit: str) -> Iterator[Callable[[str, int, int], None]]:
    """A function to call with what is done now, how many of it are done, and how many there are."""
    if not sys.stderr.isatty():
        yield lambda _act, _done, _total: None
        return
    from tqdm import tqdm

    with tqdm(unit=f" {unit}s", leave=False, file=sys.stderr) as shown:

        def show(act: str, done: int, total: int) -> None:
            if not shown.desc.startswith(act):
                shown.reset(total)
                shown.set_description(act, refresh=False)
            shown.update(done - shown.n)

        yield show


@contextmanager
def transfer(what: str) -> Iterator[Callable[[int, int], None]]:
    """A function to call with the bytes that are here and the bytes in all (0 where nobody knows)."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from tqdm import tqdm

    with tqdm(desc=what, unit="B", unit_scale=True, unit_divisor=1000, leave=False, file=sys.stderr) as shown:

        def show(done: int, total: int) -> None:
            shown.total = total or None
            shown.update(done - shown.n)

        yield show
