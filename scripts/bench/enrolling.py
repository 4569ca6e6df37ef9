"""What enrolling costs beyond embedding: MNIST's 60,000 into a new gallery, against bare ONNX Runtime in two ways.

    python scripts/bench/enrolling.py --json enrolling.json
    python scripts/bench/enrolling.py --images 10000 --repeats 3

Enrolling decodes, hashes, looks for duplicates, frames, embeds, encodes crops and writes each batch durably (SQLite,
synchronous=FULL), and ends with the index file written. The bare passes run the same network over the same images,
which lie ready in memory as float32:

- plain: one session on all cores, one loop over batches of BATCH_IMAGES;
- equal: the arrangement of enrolment, as many threads as its workers, each with batches of BATCH_IMAGES, a session of
  one thread (more only where there are more cores than workers), and as many images in one run as `enroll` gives it.

All three take turns.
"""

from __future__ import annotations

import gzip
import os
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import numpy as np
from reporting import against, arguments, interleaved, report

from identity import bootstrap
from identity.embedders.onnx import BATCH_PIXELS, LARGEST_BATCH, open_session
from identity.imaging.idx import read_idx_images
from identity.workflows.describe_many import BATCH_IMAGES


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


def ready(images: np.ndarray) -> list[np.ndarray]:
    """Input of the network in batches as enrolment makes them."""
    scaled = images[..., None].astype(np.float32) / 255
    return [scaled[at : at + BATCH_IMAGES] for at in range(0, len(scaled), BATCH_IMAGES)]


def plain(model: Path, batches: Sequence[np.ndarray]) -> Callable[[], None]:
    """ONNX Runtime alone: one session, one loop."""
    session = open_session(model)
    name = session.get_inputs()[0].name

    def run() -> None:
        for batch in batches:
            session.run(None, {name: batch})

    return run


def equal(model: Path, batches: Sequence[np.ndarray], *, workers: int, threads: int) -> Callable[[], None]:
    """ONNX Runtime alone, in the threads and runs that enrolment has."""
    session = open_session(model, threads=threads)
    name = session.get_inputs()[0].name
    most = min(LARGEST_BATCH, BATCH_PIXELS // batches[0][0].size)

    def embedded(batch: np.ndarray) -> None:
        for at in range(0, len(batch), most):
            session.run(None, {name: batch[at : at + most]})

    def run() -> None:
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(embedded, batches))

    return run


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--images", type=int, default=60_000)
    parser.add_argument("--repeats", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, bootstrap.open_home(home=Path(name) / "home") as home:
        file = subset(train_images(asked.data / "digits" / "mnist"), Path(name), images=asked.images)
        turns = count()

        def enrolled() -> None:
            gallery = home.create_gallery(f"turn {next(turns)}").name
            assert home.open_gallery(gallery).enroll([file], calibration_fraction=0.1).images == asked.images

        model, batches = home.models.get("digits").path, ready(read_idx_images(file))
        _, workers = bootstrap.load_parallel_pipeline(home.models, "digits", "whole")
        threads = max(1, (os.cpu_count() or 1) // workers)
        bare = {"plain": plain(model, batches), "equal": equal(model, batches, workers=workers, threads=threads)}
        took = interleaved(bare | {"enroll": enrolled}, repeats=asked.repeats, warm=False)
    rows = [{"images": asked.images, "workers": workers} | against(took, "enroll", one) for one in bare]
    report("enrolling", rows, file=asked.json, repeats=asked.repeats)


if __name__ == "__main__":
    main()
