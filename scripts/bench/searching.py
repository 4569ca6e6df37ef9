"""What a query does after embedding, against one bare FAISS search; and how fast a large gallery opens.

    python scripts/bench/searching.py --json searching.json
    python scripts/bench/searching.py --cases 54000x128x20:1,64 --k 1

A case is VECTORSxDIMxIDENTITIES:PROBES,PROBES. The query is the package's own: the k nearest samples of every identity,
verdicts, and the candidates that are shown with their p-values. Rows of the database are not read. The bare search is
one `faiss.knn` for the k nearest of all vectors, at FAISS's best: BLAS and all cores from 4 probes on, one thread for
fewer. Both take turns; short runs are repeated within a turn, and `s` is of one. Vectors are drawn around a centre for
each identity, and calibrated on as many held-out ones as `enroll --calibration-fraction 0.1` keeps. The usual case has
the shape of the shipped gallery; `searching_people` measures many small identities. The last row: a gallery opened from
its snapshot against `faiss.read_index` of the same file. Both are exact; that the answers agree is checked here.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from math import ceil
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from drawn_rows import RowsInMemory
from reporting import Took, against, arguments, interleaved, report, timed

from identity.core.answers import RegionVerdict
from identity.core.calibration import Calibration
from identity.core.claims import nearest_samples
from identity.core.distance import unit_vectors
from identity.core.nearest import Sought
from identity.core.rules.conformal import K_OF_LARGE, LARGE_CLASS, calibrate
from identity.core.search_state import SearchState, Snapshot
from identity.core.types import Box, GalleryRecord, Labelled, Region
from identity.indexes.faiss_use import FEW_PROBES, tune_faiss
from identity.indexes.flat import Flat
from identity.indexes.snapshot import path_of
from identity.indexes.snapshot_folder import SnapshotFolder
from identity.workflows.deciding import SearchContext
from identity.workflows.describe import Described
from identity.workflows.query import answer_regions

CASES = ["54000x128x10:1,64,10000"]
OPENED_IDENTITIES = 10
HELD_OUT = 9  # gallery samples for each one of calibration
TURN_S = 0.1  # the bare search is repeated so long within a turn


@dataclass(frozen=True, slots=True)
class Case:
    """The shape of a gallery, and how many probes ask it at once."""

    n: int
    dim: int
    identities: int
    probes: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> Case:
        """From its text on the command line."""
        shape, _, probes = text.partition(":")
        n, dim, identities = map(int, shape.split("x"))
        return cls(n, dim, identities, tuple(map(int, probes.split(","))))


def centres(identities: int, dim: int) -> np.ndarray:
    """Random directions (identities, dim)."""
    return unit_vectors(np.random.default_rng(0).normal(size=(identities, dim)).astype(np.float32))


def drawn(n: int, means: np.ndarray, *, seed: int) -> Labelled:
    """Vectors around the centres, some 0.5 from each other where the identity is the same, in any order."""
    rng = np.random.default_rng(seed)
    who = rng.permutation(np.arange(n) % len(means))
    noise = unit_vectors(rng.normal(size=(n, means.shape[1])).astype(np.float32))
    return Labelled(np.arange(1, n + 1), who + 1, unit_vectors(means[who] + noise))


def own_scores(index: Flat, held: Labelled, *, k: int) -> dict[int, np.ndarray]:
    """Distances of held-out samples to the k-th nearest of their own identity, by identity."""
    own = {}
    for column, identity in enumerate(index.identities):
        rows = index.vectors[index.bounds[column] : index.bounds[column + 1]]
        distances = 1 - held.vectors[held.identities == identity] @ rows.T
        own[int(identity)] = np.partition(distances, k - 1, axis=1)[:, k - 1]
    return own


def calibration(index: Flat, means: np.ndarray) -> Calibration:
    """By the rule of held-out samples, with the k that the program would choose."""
    n = len(index.ids)
    k = K_OF_LARGE if n // len(means) >= LARGE_CLASS else 1
    scores = own_scores(index, drawn(n // HELD_OUT, means, seed=2), k=k)
    return calibrate(scores, space="bench", k=k, alpha=0.01)


def query_rows(case: Case, *, k: int, repeats: int) -> Iterator[dict[str, object]]:
    """One row for each number of probes."""
    means = centres(case.identities, case.dim)
    gallery = drawn(case.n, means, seed=1)
    index = Flat.over(gallery)
    names = {identity: str(identity) for identity in range(1, case.identities + 1)}
    context = SearchContext(index, calibration(index, means), names)
    tune_faiss(case.dim)
    for probes in case.probes:
        what = {"what": f"{case.n} x {case.dim}, {case.identities} identities", "probes": probes, "k": k}
        asking = drawn(max(probes, case.identities), means, seed=3).vectors[:probes]
        yield what | query_row(context, gallery, asking, k=k, repeats=repeats)


def query_row(
    context: SearchContext, gallery: Labelled, asking: np.ndarray, *, k: int, repeats: int
) -> dict[str, object]:
    """What a query does against the one FAISS call that returns as many neighbours."""
    store: Any = RowsInMemory(gallery)
    regions = [Described(Region(Box(0, 0, 1, 1)), vector=vector) for vector in asking]
    bare = partial(one_search, asking, gallery.vectors, k=k)

    def answered() -> list[RegionVerdict]:
        return list(answer_regions(regions, store, lambda *, rebuilt=False: context, k=k))  # noqa: ARG005

    check_exact(context, asking, bare()[0], k=k)
    calls = max(1, ceil(TURN_S / timed(bare).seconds))
    runs = {"faiss.knn": lambda: [bare() for _ in range(calls)], "query": lambda: [answered() for _ in range(calls)]}
    took = interleaved(runs, repeats=repeats)
    each = {name: Took(one.seconds / calls, one.cpu_s / calls) for name, one in took.items()}
    verdicts = Counter(answer.verdict.value for answer in answered())
    shown = ", ".join(f"{count} {name}" for name, count in verdicts.most_common())
    return against(each, "query", "faiss.knn") | {"verdicts": shown, "faster": None}


def one_search(asking: np.ndarray, vectors: np.ndarray, *, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The bare search; a second thread would slow a few probes, many times where the machine is busy."""
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1 if len(asking) < FEW_PROBES else before)
    found: tuple[np.ndarray, np.ndarray] = faiss.knn(asking, vectors, k, metric=faiss.METRIC_INNER_PRODUCT)
    faiss.omp_set_num_threads(before)
    return found


def check_exact(context: SearchContext, asking: np.ndarray, similarities: np.ndarray, *, k: int) -> None:
    """The search finds the very distances that FAISS finds."""
    found = np.concatenate([nearest_samples(near, k=k).distances for near, _ in context.decisions(asking, k=k)])
    assert np.abs(found - (1 - similarities)).max() < 1e-5, "the search is not exact"


def open_row(n: int, dim: int, folder: Path, *, repeats: int) -> dict[str, object]:
    """Opening a snapshot against reading the same FAISS index into memory."""
    gallery = GalleryRecord(1, "0" * 32, "bench", "bench", "whole", "bench", dim)
    held, snapshots = drawn(n, centres(OPENED_IDENTITIES, dim), seed=1), SnapshotFolder(folder)
    snapshot = snapshots.write(gallery, held)
    nothing = Labelled(np.empty(0, np.int64), np.empty(0, np.int64), np.empty((0, dim), np.float32))
    state = SearchState(0, snapshot, np.empty(0, np.int64), nothing)
    check_opened(snapshots, state, folder, snapshot, held)
    file = str(path_of(folder, snapshot.gallery, snapshot.name))
    runs = {"faiss.read_index": lambda: faiss.read_index(file), "open": lambda: snapshots.index(state)}
    took = interleaved(runs, repeats=repeats)
    row = {"what": f"snapshot of {n} x {dim}", "probes": None, "k": None} | against(took, "open", "faiss.read_index")
    return row | {"verdicts": "", "faster": 1 / row["ratio"]}


def check_opened(
    snapshots: SnapshotFolder, state: SearchState, folder: Path, snapshot: Snapshot, held: Labelled
) -> None:
    """Both ways of opening give the distances that a plain matrix product gives."""
    probes = drawn(20, centres(OPENED_IDENTITIES, held.vectors.shape[1]), seed=4).vectors
    expected = np.sort(1 - probes @ held.vectors.T, axis=1)[:, :K_OF_LARGE]
    ours = nearest_samples(snapshots.index(state).search(probes, sought=Sought(k=K_OF_LARGE)), k=K_OF_LARGE).distances
    theirs, _ = faiss.read_index(str(path_of(folder, snapshot.gallery, snapshot.name))).search(probes, K_OF_LARGE)
    assert np.abs(ours - expected).max() < 1e-5
    assert np.abs(1 - theirs - expected).max() < 1e-5


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--cases", nargs="+", default=CASES, help="VECTORSxDIMxIDENTITIES:PROBES,PROBES")
    parser.add_argument("--k", type=int, default=5, help="matches shown with each answer, as `identity query` has it")
    parser.add_argument("--opened", default="100000x512", help="vectors x dimension of the snapshot")
    asked = parser.parse_args()
    cases = [Case.of(text) for text in asked.cases]
    rows = [row for case in cases for row in query_rows(case, k=asked.k, repeats=asked.repeats)]
    n, dim = map(int, asked.opened.split("x"))
    with tempfile.TemporaryDirectory() as name:
        rows.append(open_row(n, dim, Path(name), repeats=asked.repeats))
    report("searching", rows, file=asked.json, repeats=asked.repeats)


if __name__ == "__main__":
    main()
