"""From the address that a person gives to those who work there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from identity.core.errors import UsageError

if TYPE_CHECKING:
    from identity.core.workers import Workers

MOST_LOCAL = 256
FORMS = "dask://HOST:PORT, dask+tls://HOST:PORT or dask://local?workers=N"


@contextmanager
def open_workers(
    address: str, *, home: Path, database: str | None = None, option: str = "--on"
) -> Iterator[Workers]:
    """Those at an address; processes that are started here use this `home` and `database`, and end with the block.

    Raises `UsageError` for an address that is none, and where Dask is not installed; `WorkersError` where nobody
    answers.
    """
    parts = urlsplit(address)
    match parts.scheme:
        case "dask" if parts.netloc == "local":
            count = _count(parts.query, f"{option} {address}")
            _require_dask(option)
            from identity.machines.local import local_cluster

            with local_cluster(count, home=home, database=database) as (cluster, shown):
                yield from _connected(cluster, shown, wanted=count)
        case "dask" | "dask+tls" as scheme if _is_place(parts.netloc):
            _require_dask(option)
            place = f"{'tls' if scheme == 'dask+tls' else 'tcp'}://{parts.netloc}"
            yield from _connected(place, address)
        case _:
            raise UsageError(f"{option} {address}: nobody can be asked there, write {FORMS}")


def _connected(place: object, shown: str, *, wanted: int = 1) -> Iterator[Workers]:
    from identity.machines.connecting import connected

    with connected(place, shown, wanted=wanted) as workers:
        yield workers


def _require_dask(option: str) -> None:
    if find_spec("distributed") is None:
        raise UsageError(f"{option} needs the extra 'cluster': pip install 'identity-search[cluster]'")


def _is_place(netloc: str) -> bool:
    host, _, port = netloc.rpartition(":")
    return bool(host) and port.isdecimal() and int(port) < 2**16


def _count(query: str, asked: str) -> int:
    try:
        given = parse_qs(query, strict_parsing=True)
        (number,) = given.pop("workers")
        if not given and number.isdecimal() and 0 < int(number) <= MOST_LOCAL:
            return int(number)
    except (ValueError, KeyError):
        pass
    raise UsageError(f"{asked}: say how many processes, as in dask://local?workers=2 (1 to {MOST_LOCAL})")
