"""What decisions cost beyond a bare FAISS search, and how fast a large gallery opens.

    python scripts/bench/searching.py --json searching.json
    python scripts/bench/searching.py --shapes 1000000x128x50000 --many 0

A shape is vectors x dimension x identities; the first is that of the gallery which ships. Each is asked 1 and 64
probes at a time, the first 10,000 too: the distance to the k-th nearest sample of every identity, verdicts, and what
is shown (5 matches, 3 candidates with their p-values), against one `faiss.knn` over all vectors with BLAS on. What a
query reads from SQLite besides is in `cold.py`. The last row: a gallery opened from its snapshot against
`faiss.read_index`, which reads the same file into memory. All are exact; that the answers agree is checked here.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import faiss
import numpy as np
from reporting import against, arguments, interleaved, report

from identity.core.calibration import Calibration
from identity.core.rules.conformal import calibrate
from identity.core.search_state import SearchState, Snapshot
from identity.core.types import GalleryRecord, Labelled
from identity.indexes.flat import Flat, tune_faiss
from identity.indexes.snapshot import SnapshotFolder, path_of
from identity.workflows.query import SearchContext, nearest_candidates, nearest_samples

K, SCORES = 5, 600  # neighbours that decide and are shown; calibration samples of an identity, where there are so many
SHAPES = ("54000x128x10", "54000x256x5400", "100000x512x5000")


def units(n: int, dim: int, *, seed: int) -> np.ndarray:
    """Random directions (n, dim) float32."""
    made = np.random.default_rng(seed).normal(size=(n, dim)).astype(np.float32)
    return made / np.linalg.norm(made, axis=1, keepdims=True)


def labelled(n: int, dim: int, identities: int) -> Labelled:
    """Vectors of so many identities, in the order in which they were enrolled."""
    owners = np.random.default_rng(1).integers(1, identities + 1, n)
    return Labelled(np.arange(1, n + 1), owners, units(n, dim, seed=0))


def calibration(n: int, identities: int) -> Calibration:
    """Scores for each identity, as many as it has samples and 600 at most, and thresholds at alpha = 1 %."""
    rng = np.random.default_rng(2)
    each = min(SCORES, max(1, n // identities))
    scores = {identity: rng.uniform(0.2, 0.9, each).astype(np.float32) for identity in range(1, identities + 1)}
    return calibrate(scores, space="bench", k=K, alpha=0.01, created_at="")


def answer(asked: SearchContext, asking: np.ndarray) -> list[object]:
    """All that a query says of its probes, but the names of files."""
    said: list[object] = []
    for found, decisions in asked.decisions(asking, k=K):
        said.append(nearest_samples(found, k=K))
        said += [(decisions.verdict(i), nearest_candidates(decisions, i, asked.names)) for i in range(len(decisions))]
    return said


def query_rows(shape: str, batches: Sequence[int], *, repeats: int) -> list[dict[str, object]]:
    """Batches of probes against the one FAISS call that returns as many neighbours."""
    n, dim, identities = (int(part) for part in shape.split("x"))
    gallery, names = labelled(n, dim, identities), {one: str(one) for one in range(1, identities + 1)}
    asked = SearchContext(Flat.of(gallery), calibration(n, identities), names)
    tune_faiss(dim)
    return [query_row(shape, asked, gallery, units(batch, dim, seed=3), repeats=repeats) for batch in batches]


def query_row(
    shape: str, asked: SearchContext, gallery: Labelled, asking: np.ndarray, *, repeats: int
) -> dict[str, object]:
    """One batch."""

    def bare() -> tuple[np.ndarray, np.ndarray]:
        return faiss.knn(asking, gallery.vectors, K, metric=faiss.METRIC_INNER_PRODUCT)

    found = np.concatenate([nearest_samples(near, k=K)[1] for near, _ in asked.decisions(asking, k=K)])
    assert np.abs(found - (1 - bare()[0])).max() < 1e-5, "the search is not exact"
    took = interleaved({"faiss.knn": bare, "answer": lambda: answer(asked, asking)}, repeats=repeats)
    return {"gallery": shape, "probes": len(asking)} | against(took, "answer", "faiss.knn")


def open_row(n: int, dim: int, folder: Path, *, repeats: int) -> dict[str, object]:
    """Opening a snapshot against reading the same FAISS index into memory."""
    gallery = GalleryRecord(1, "0" * 32, "bench", "bench", "whole", "bench", dim)
    held, snapshots = labelled(n, dim, 10), SnapshotFolder(folder)
    snapshot = snapshots.write(gallery, held)
    nothing = Labelled(np.empty(0, np.int64), np.empty(0, np.int64), np.empty((0, dim), np.float32))
    state = SearchState(0, snapshot, np.empty(0, np.int64), nothing)
    check_opened(snapshots, state, folder, snapshot, held)
    file = str(path_of(folder, snapshot))
    runs = {"faiss.read_index": lambda: faiss.read_index(file), "open": lambda: snapshots.index(state)}
    took = interleaved(runs, repeats=repeats)
    return {"gallery": f"{n}x{dim}", "probes": None} | against(took, "open", "faiss.read_index")


def check_opened(
    snapshots: SnapshotFolder, state: SearchState, folder: Path, snapshot: Snapshot, held: Labelled
) -> None:
    """Both ways of opening give the distances that a plain matrix product gives."""
    probes = units(20, held.vectors.shape[1], seed=4)
    expected = np.sort(1 - probes @ held.vectors.T, axis=1)[:, :K]
    _, ours = nearest_samples(snapshots.index(state).search(probes, k=K), k=K)
    theirs, _ = faiss.read_index(str(path_of(folder, snapshot))).search(probes, K)
    assert np.abs(ours - expected).max() < 1e-5
    assert np.abs(1 - theirs - expected).max() < 1e-5


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--shapes", nargs="+", default=SHAPES, help="vectors x dimension x identities")
    parser.add_argument("--opened", default="100000x512", help="vectors x dimension of the snapshot")
    parser.add_argument("--many", type=int, default=10_000, help="probes of the largest batch, for the first shape")
    options = parser.parse_args()
    rows = []
    for place, shape in enumerate(options.shapes):
        batches = [1, 64] + ([options.many] if options.many and not place else [])
        rows += query_rows(shape, batches, repeats=options.repeats)
    with tempfile.TemporaryDirectory() as name:
        size = (int(part) for part in options.opened.split("x"))
        rows.append(open_row(*size, Path(name), repeats=options.repeats))
    report("searching", rows, file=options.json, repeats=options.repeats)


if __name__ == "__main__":
    main()
