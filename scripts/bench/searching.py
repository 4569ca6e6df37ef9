"""What decisions cost beyond a bare FAISS search, and how fast a large gallery opens.

    python scripts/bench/searching.py --json searching.json

Row 1: 10,000 probes against 54,000 vectors of 10 identities, as the gallery `digits` has them: search and decision (the
distance to the k-th nearest sample of every identity, verdicts, p-values) against one `faiss.knn` over all vectors with
BLAS on. Row 2: a gallery of 100,000 x 512 opened from its snapshot against `faiss.read_index` of the same file. Both
are exact; that the answers agree is checked here.
"""

from __future__ import annotations

import tempfile
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
from identity.workflows.query import SearchContext, nearest_samples

IDENTITIES, K = 10, 5


def units(n: int, dim: int, *, seed: int) -> np.ndarray:
    """Random directions (n, dim) float32."""
    made = np.random.default_rng(seed).normal(size=(n, dim)).astype(np.float32)
    return made / np.linalg.norm(made, axis=1, keepdims=True)


def labelled(n: int, dim: int) -> Labelled:
    """Vectors of ten identities, in the order in which they were enrolled."""
    identities = np.random.default_rng(1).integers(1, IDENTITIES + 1, n)
    return Labelled(np.arange(1, n + 1), identities, units(n, dim, seed=0))


def calibration() -> Calibration:
    """600 scores for each identity, thresholds at alpha = 1 %, so that about one probe in a hundred is refused."""
    rng = np.random.default_rng(2)
    scores = {identity: rng.uniform(0.2, 0.9, 600).astype(np.float32) for identity in range(1, IDENTITIES + 1)}
    return calibrate(scores, space="bench", k=K, alpha=0.01, created_at="")


def query_row(n: int, dim: int, probes: int, *, repeats: int) -> dict[str, object]:
    """Search and decision of a batch against the one FAISS call that returns as many neighbours."""
    gallery, asking = labelled(n, dim), units(probes, dim, seed=3)
    names = {identity: str(identity) for identity in range(1, IDENTITIES + 1)}
    asked = SearchContext(Flat.of(gallery), calibration(), names)
    tune_faiss(dim)

    def bare() -> tuple[np.ndarray, np.ndarray]:
        return faiss.knn(asking, gallery.vectors, K, metric=faiss.METRIC_INNER_PRODUCT)

    def decided() -> list[np.ndarray]:
        return [decisions.codes for _, decisions in asked.decisions(asking, k=K)]

    similarities, _ = bare()
    found = np.concatenate([nearest_samples(near, k=K)[1] for near, _ in asked.decisions(asking, k=K)])
    assert np.abs(found - (1 - similarities)).max() < 1e-5, "the search is not exact"
    took = interleaved({"faiss.knn": bare, "search and decide": decided}, repeats=repeats)
    what = f"{probes} probes, {n} x {dim}"
    return {"what": what} | against(took, "search and decide", "faiss.knn") | {"wanted": "<= 1.5", "aim": "<= 1.2"}


def open_row(n: int, dim: int, folder: Path, *, repeats: int) -> dict[str, object]:
    """Opening a snapshot against reading the same FAISS index into memory; `ratio` says how many times faster."""
    gallery = GalleryRecord(1, "0" * 32, "bench", "bench", "whole", "bench", dim)
    held, snapshots = labelled(n, dim), SnapshotFolder(folder)
    snapshot = snapshots.write(gallery, held)
    nothing = Labelled(np.empty(0, np.int64), np.empty(0, np.int64), np.empty((0, dim), np.float32))
    state = SearchState(0, snapshot, np.empty(0, np.int64), nothing)
    check_opened(snapshots, state, folder, snapshot, held)
    file = str(path_of(folder, snapshot))
    runs = {"faiss.read_index": lambda: faiss.read_index(file), "open": lambda: snapshots.index(state)}
    took = interleaved(runs, repeats=repeats)
    row = {"what": f"snapshot of {n} x {dim}"} | against(took, "open", "faiss.read_index")
    return row | {"ratio": 1 / row["ratio"], "cpu_ratio": None, "wanted": ">= 10", "aim": ">= 20"}


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
    parser.add_argument("--gallery", default="54000x64", help="vectors x dimension that are searched")
    parser.add_argument("--opened", default="100000x512", help="vectors x dimension of the snapshot")
    parser.add_argument("--probes", type=int, default=10_000)
    asked = parser.parse_args()
    searched, opened = ([int(part) for part in size.split("x")] for size in (asked.gallery, asked.opened))
    with tempfile.TemporaryDirectory() as name:
        rows = [
            query_row(*searched, asked.probes, repeats=asked.repeats),
            open_row(*opened, Path(name), repeats=asked.repeats),
        ]
    report("searching", rows, file=asked.json, repeats=asked.repeats)


if __name__ == "__main__":
    main()
