"""What enrolling costs beyond embedding: MNIST's 60,000 into a new gallery, against bare ONNX Runtime.

    python scripts/bench/enrolling.py --json enrolling.json
    python scripts/bench/enrolling.py --images 10000 --repeats 3

Enrolling decodes, hashes, looks for duplicates, frames, embeds, encodes crops and writes each batch durably (SQLite,
synchronous=FULL), and ends with the index file written. Against it, over the same batches of images, which lie ready
in memory as float32: one session on all cores, and sessions as enrolment has them, of one core each in as many threads.
All three take turns.
"""

from __future__ import annotations

import gzip
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import numpy as np
from reporting import against, arguments, interleaved, report

from identity import bootstrap
from identity.embedders.onnx import open_session
from identity.home import Home
from identity.imaging.idx import read_idx_images
from identity.workflows.enroll import BATCH_IMAGES


def train_images(mnist: Path) -> Path:
    """MNIST's training images, plain or gzipped."""
    return sorted(mnist.glob("train-images-idx3-ubyte*"))[0]


def subset(file: Path, folder: Path, *, images: int) -> Path:
    """The first `images` of an IDX file, with its labels, in a folder of their own."""
    for kind, header in (("images-idx3", 16), ("labels-idx1", 8)):
        name = file.name.removesuffix(".gz").replace("images-idx3", kind)
        found = next(one for one in (file.with_name(name), file.with_name(f"{name}.gz")) if one.is_file())
        content = gzip.decompress(found.read_bytes()) if found.suffix == ".gz" else found.read_bytes()
        size = 28 * 28 if header == 16 else 1
        shortened = content[:4] + images.to_bytes(4, "big") + content[8:header] + content[header:][: images * size]
        (folder / name).write_bytes(shortened)
    return folder / file.name.removesuffix(".gz")


def bare(home: Home, images: np.ndarray, *, threads: int | None = None, workers: int = 1) -> Callable[[], None]:
    """ONNX Runtime alone, over batches as enrolment makes them: `workers` at once, each on `threads` cores."""
    session = open_session(home.models.get("digits").path, threads=threads)
    name = session.get_inputs()[0].name
    scaled = images[..., None].astype(np.float32) / 255
    batches = [scaled[at : at + BATCH_IMAGES] for at in range(0, len(scaled), BATCH_IMAGES)]

    def run() -> None:
        with ThreadPoolExecutor(workers) as pool:
            assert sum(len(vectors) for (vectors,) in pool.map(lambda batch: session.run(None, {name: batch}), batches))

    return run


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--images", type=int, default=60_000)
    parser.add_argument("--repeats", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, bootstrap.open_home(home=Path(name) / "home") as home:
        file = subset(train_images(options.data / "digits" / "mnist"), Path(name), images=options.images)
        turns = count()

        def enrolled() -> None:
            gallery = home.create_gallery(f"turn {next(turns)}").name
            assert home.open_gallery(gallery).enroll([file], calibration_fraction=0.1).images == options.images

        images, (_, workers) = read_idx_images(file), bootstrap.load_parallel_pipeline(home.models, "digits", "whole")
        equal = f"{workers} sessions of 1 core" if workers > 1 else "1 session of 1 core"
        baselines = {"1 session": bare(home, images), equal: bare(home, images, threads=1, workers=workers)}
        took = interleaved(baselines | {"enroll": enrolled}, repeats=options.repeats, warm=False)
    rows = [{"images": options.images} | against(took, "enroll", one) for one in baselines]
    report("enrolling", rows, file=options.json, repeats=options.repeats)


if __name__ == "__main__":
    main()
