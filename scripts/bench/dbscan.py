"""Times exact DBSCAN against scikit-learn's in one run, checks that the labels are the same, writes table and JSON.

    python scripts/bench/dbscan.py --sizes 10000x512 20000x512 --json dbscan.json
    python scripts/bench/dbscan.py --sizes 1000000x128 --no-sklearn
    python scripts/bench/dbscan.py --vectors faces --sizes 50000x512 50000x256 --no-heads --no-attach

Vectors: `people` are identities with power-law sizes around centres in any direction, samples of varying quality;
`faces` have the spectrum of real ones (`face_like`), eight photographs to a person; `isotropic` have no structure.
Every timing runs in a process of its own, which also reports the memory it added. `--no-heads` adds a run whose tiles
multiply whole vectors only, `--float32` the plain numpy GEMM, `--bfloat16` NumKong's (the extra `fast`), `--intelex`
scikit-learn-intelex where it is installed. The attach column is 1 % new samples against a full run.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from face_like import face_like, isotropic
from reporting import DATA

ROOT = Path(__file__).resolve().parents[2]
EPS, MIN_SAMPLES = 0.4, 2


def generated(n: int, dim: int, *, per_person: int = 8, seed: int = 0) -> np.ndarray:
    """Unit vectors (n, dim): identity sizes fall as 1/rank^0.8, noise differs by sample as photographs do."""
    rng = np.random.default_rng(seed)
    weights = np.arange(1, n // per_person + 1) ** -0.8
    who = rng.choice(len(weights), p=weights / weights.sum(), size=n)
    centres = rng.normal(size=(len(weights), dim)).astype(np.float32)
    quality = rng.uniform(0.2, 0.9, size=(n, 1)).astype(np.float32)
    vectors = centres[who]
    for at in range(0, n, 10_000):
        part = vectors[at : at + 10_000]
        part += quality[at : at + 10_000] * rng.normal(size=part.shape).astype(np.float32)
        part /= np.linalg.norm(part, axis=1, keepdims=True)
    return vectors


def drawn(vectors: str, n: int, dim: int) -> np.ndarray:
    match vectors:
        case "faces":
            return face_like(n, dim, n // 8, 0, folder=DATA)
        case "isotropic":
            return isotropic(n, dim, 0)
        case _:
            return generated(n, dim)


def measured(kind: str, vectors: np.ndarray) -> dict[str, object]:
    """One timing in this process: labels, seconds, megabytes added at the peak."""
    warm(kind, vectors if kind == "attach" else vectors[:2000])  # so short that first touches of memory would show
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start, cpu = time.perf_counter(), time.process_time()
    labels = run(kind, vectors)
    seconds, cpu_s = time.perf_counter() - start, time.process_time() - cpu
    added = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    return {"labels": labels, "seconds": seconds, "cpu_s": cpu_s, "added_mb": added}


def warm(kind: str, vectors: np.ndarray) -> None:
    """Imports and first-call costs out of the way."""
    import faiss  # noqa: F401 - long vectors in large numbers need it
    run(kind, vectors)


def run(kind: str, vectors: np.ndarray) -> np.ndarray:
    if kind == "attach":
        return attached(vectors)
    if kind == "whole":
        from identity.clustering.dbscan import head_tiles

        head_tiles.GAIN = 0.0
        kind = "auto"
    if kind in {"auto", "float32", "bfloat16", "int8"}:
        from identity.clustering.dbscan.density import dbscan

        return dbscan(vectors, eps=EPS, min_samples=MIN_SAMPLES, precision=kind)
    if kind == "intelex":
        from sklearnex import patch_sklearn

        patch_sklearn()
    from sklearn.cluster import DBSCAN

    return DBSCAN(eps=np.sqrt(2 * EPS), min_samples=MIN_SAMPLES, n_jobs=2).fit(vectors).labels_


STORED: dict[int, tuple[np.ndarray, np.ndarray, np.ndarray]] = {}  # cores, their labels, loose samples


def attached(vectors: np.ndarray) -> np.ndarray:
    """The labels of the last 1 %, attached to the clusters of the others."""
    from identity.clustering.incremental import attach

    cores, labels, loose = STORED[len(vectors)]
    new = vectors[len(cores) + len(loose) :]
    return attach(cores, labels, new, eps=EPS, min_samples=MIN_SAMPLES, loose_vectors=loose).labels


def prepare_attach(vectors: np.ndarray) -> None:
    from identity.clustering.dbscan.density import density_clusters

    for part in (vectors[:2000], vectors):
        old = part[: -len(part) // 100]
        stored = density_clusters(old, eps=EPS, min_samples=MIN_SAMPLES)
        STORED[len(part)] = old[stored.core], stored.labels[stored.core], old[~stored.core]


def worker(kind: str, vectors_file: str, result_file: str) -> None:
    """The subprocess: vectors are in memory before anything is measured; or it draws them, which takes memory too."""
    if kind.startswith("draw-"):
        _, vectors, n, dim = kind.split("-")
        return np.save(vectors_file, drawn(vectors, int(n), int(dim)))
    vectors = np.load(vectors_file)
    if kind == "attach":
        prepare_attach(vectors)
    result = measured(kind, vectors)
    return np.savez(result_file, **result)


def start(kind: str, vectors_file: Path, result_file: Path) -> None:
    command = [sys.executable, __file__, "--worker", kind, str(vectors_file), str(result_file)]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)})


def in_subprocess(kind: str, vectors_file: Path, folder: Path) -> dict[str, object]:
    result = folder / f"{kind}.npz"
    start(kind, vectors_file, result)
    with np.load(result) as found:
        return {key: found[key] if key == "labels" else float(found[key]) for key in found.files}


def row_of(size: str, kinds: list[str], vectors: str) -> dict[str, object]:
    """All kinds at one size, with ratios to scikit-learn and whether the labels are the same."""
    n, dim = (int(part) for part in size.split("x"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        vectors_file = folder / "vectors.npy"
        start(f"draw-{vectors}-{n}-{dim}", vectors_file, vectors_file)
        found = {kind: in_subprocess(kind, vectors_file, folder) for kind in kinds}
    labels = found["auto"]["labels"]
    row: dict[str, object] = {
        "vectors": vectors, "n": n, "dim": dim, "clusters": int(labels.max()) + 1, "noise": int((labels == -1).sum()),
        "largest": int(np.bincount(labels[labels >= 0]).max(initial=0)),
    }
    for kind, result in found.items():
        row[f"{kind}_s"] = round(result["seconds"], 3)
        row[f"{kind}_cpu_s"] = round(result["cpu_s"], 3)
        row[f"{kind}_mb"] = round(result["added_mb"], 1)
        if kind != "attach":
            row[f"{kind}_identical"] = bool(np.array_equal(result["labels"], labels))
            row[f"auto_against_{kind}"] = round(result["seconds"] / found["auto"]["seconds"], 2)
    if "attach" in found:
        row["attach_ratio"] = round(found["auto"]["seconds"] / found["attach"]["seconds"], 1)
        row["attach_cpu_ratio"] = round(found["auto"]["cpu_s"] / found["attach"]["cpu_s"], 1)
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", default=["10000x512", "20000x512"], help="samples x dimension")
    parser.add_argument("--no-sklearn", action="store_true", help="leave scikit-learn out (it takes minutes at 50k)")
    parser.add_argument("--vectors", choices=["people", "faces", "isotropic"], default="people", help="what is drawn")
    parser.add_argument("--no-heads", action="store_true", help="time tiles of whole vectors only too")
    parser.add_argument("--float32", action="store_true", help="time numpy's float32 GEMM too")
    parser.add_argument("--bfloat16", action="store_true", help="time NumKong's bfloat16 products too")
    parser.add_argument("--intelex", action="store_true", help="time scikit-learn-intelex too")
    parser.add_argument("--no-attach", action="store_true", help="leave out 1 %% new samples")
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    parser.add_argument("--worker", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        return worker(*options.worker)
    flags = {"whole": options.no_heads, "float32": options.float32, "bfloat16": options.bfloat16}
    flags |= {"intelex": options.intelex}
    kinds = ["auto", *(kind for kind, wanted in flags.items() if wanted)]
    kinds += [] if options.no_sklearn else ["sklearn"]
    kinds += [] if options.no_attach else ["attach"]
    rows = []
    for size in options.sizes:
        rows.append(row_of(size, kinds, options.vectors))
        print("  ".join(f"{key} {value}" for key, value in rows[-1].items()), flush=True)
    if options.json:
        document = {"schema": "identity.bench.dbscan/1", "eps": EPS, "min_samples": MIN_SAMPLES, "rows": rows}
        options.json.write_text(json.dumps(document, indent=1) + "\n")
    return None


if __name__ == "__main__":
    main()
