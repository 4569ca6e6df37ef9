"""What faces cost beyond their two networks: enrolling, memory, one cold query; and deepface, where it is installed.

    python scripts/bench/faces_throughput.py --json faces_throughput.json
    python scripts/bench/faces_throughput.py --photographs 400 --repeats 5

Enrolling reads, decodes, finds, aligns, embeds and stores LFW's photographs durably. By hand means: the same detector,
aligner and network one after the other over the same batches, decoded before the clock starts, nothing stored. Each
network uses all cores, as ONNX Runtime does by itself; its threads spin while they wait, which counts as processor
time. On one core none waits: that is the fair measure of processor time. Peaks are those of whole `identity enroll`
processes. The cold query is a whole process too, against one that imports the same packages and creates the two
sessions. What is compared takes turns.
Prints numbers only; nothing of a person is written.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

from cold import PROGRAM, ROOT, started
from reporting import Took, against, arguments, interleaved, report, timed

from identity import bootstrap
from identity.core.face_selection import largest
from identity.core.types import SourceImage
from identity.gallery.images import images_of
from identity.home import Home
from identity.workflows.batches import batches
from identity.workflows.describe_many import BATCH_IMAGES

WEIGHTS = ("yunet/yunet_n_dynamic.onnx", "face-reid-0095/face-reidentification-retail-0095.onnx")
MODEL, DETECTOR = "face-reid-0095", "yunet"
FEW = 400
COLUMNS = ("run", "images", "s", "images_per_s", "peak_mb", "against", "against_s", "ratio", "cpu_ratio")
BARE = """
import numpy, faiss, onnxruntime, sqlalchemy, PIL.Image
for path in {paths!r}:
    onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
"""


def row(**figures: Any) -> dict[str, Any]:
    """A row of the table; what a run has no figure for stays empty."""
    return dict.fromkeys(COLUMNS) | figures


def chosen(photographs: Sequence[Path], folder: Path) -> Path:
    """Links to the photographs, each below its person."""
    for path in photographs:
        (folder / path.parent.name).mkdir(parents=True, exist_ok=True)
        (folder / path.parent.name / path.name).symlink_to(path)
    return folder


def by_hand(home: Home, images: list[list[SourceImage]], *, threads: int | None) -> Callable[[], None]:
    """Detector, aligner and network back to back; of each photograph the largest face."""
    pipeline = bootstrap.load_pipeline(home.models, model=MODEL, detector=DETECTOR, threads=threads)

    def run() -> None:
        for batch in images:
            pixels = [image.pixels for image in batch if image.pixels is not None]
            found = zip(pixels, pipeline.detector.detect(pixels), strict=True)
            faces = [(one, largest(regions, one.shape)) for one, regions in found if regions]
            crops = [pipeline.aligner.align(one, region) for one, region in faces]
            pipeline.embedder.embed([crop for crop in crops if crop is not None])

    return run


def enrolling(home: Home, folder: Path, *, images: int, repeats: int) -> list[dict[str, Any]]:
    """Enrolling a folder into a gallery of its own each turn, against the same steps by hand."""
    turns = count()

    def enrolled() -> None:
        gallery = home.create_gallery(f"turn {next(turns)}", model=MODEL, detector=DETECTOR).name
        assert home.open_gallery(gallery).enroll([folder]).images == images

    decoded = list(batches(images_of([folder]), size=BATCH_IMAGES))
    hands = {f"by hand, {name}": by_hand(home, decoded, threads=n) for name, n in (("all cores", None), ("1 core", 1))}
    took = interleaved(hands | {"enroll": enrolled}, repeats=repeats, warm=False)
    return [
        row(images=images, images_per_s=images / took["enroll"].seconds) | against(took, "enroll", hand)
        for hand in hands
    ]


def peak(home: Path, folder: Path, *, images: int) -> dict[str, Any]:
    """The most memory a process held that enrolled a folder."""
    gallery = f"peak {images}"
    with bootstrap.open_home(home=home) as opened:
        opened.create_gallery(gallery, model=MODEL, detector=DETECTOR)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "IDENTITY_HOME": str(home)}
    command = [sys.executable, *PROGRAM, "enroll", "-g", gallery, str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment, cwd=home)
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, f"enrolling {folder} failed: {status}"
    return row(run="enroll, whole process", images=images, peak_mb=usage.ru_maxrss / 1024)


def cold(home: Path, photograph: Path, weights: Sequence[str], *, images: int, repeats: int) -> dict[str, Any]:
    """One query of a gallery that was never calibrated, in a process of its own."""
    runs = {
        "imports, 2 sessions": started("-c", BARE.format(paths=weights), home=home),
        "cold query": started(*PROGRAM, "query", "-g", f"peak {images}", str(photograph), home=home),
    }
    took = interleaved(runs, repeats=repeats)
    return row(images=1, **against(took, "cold query", "imports, 2 sessions"))


def warm(home: Path, photographs: Sequence[Path], *, images: int) -> tuple[str, Took]:
    """Photographs asked one after the other in one process."""
    with bootstrap.open_home(home=home) as opened:
        gallery = opened.open_gallery(f"peak {images}")

        def ask() -> None:
            for path in photographs:
                list(gallery.query([path]))

        list(gallery.query([photographs[0]]))
        return "warm query", timed(ask)


def deepface(folder: Path, photographs: Sequence[Path], *, model: str) -> tuple[str, Took]:
    """The same photographs found among the same folder by deepface, its own index built before the clock starts."""
    from deepface import DeepFace

    def ask(paths: Sequence[Path]) -> None:
        for path in paths:
            DeepFace.find(
                img_path=str(path), db_path=str(folder), model_name=model, detector_backend="yunet",
                enforce_detection=False, silent=True,
            )  # fmt: skip

    ask(photographs[:1])
    return f"deepface, {model}", timed(lambda: ask(photographs))


def measured(asked: Namespace, home: Path, links: Path) -> Iterator[dict[str, Any]]:
    """The rows of the table, each as soon as it is measured."""
    found = sorted((asked.data / "faces/lfw/deepfunneled_10plus").rglob("*.jpg"))[: asked.photographs]
    weights = [str(asked.data / "weights" / name) for name in WEIGHTS]
    folder = chosen(found, links / "all")
    with bootstrap.open_home(home=home) as opened:
        for path in weights:
            opened.models.add(Path(path))
    if len(found) > FEW:
        yield peak(home, chosen(found[:FEW], links / "few"), images=FEW)
    yield peak(home, folder, images=len(found))
    yield cold(home, found[-1], weights, images=len(found), repeats=asked.cold_repeats)
    probes = found[: asked.queries]
    yield per_query(*warm(home, probes, images=len(found)), images=len(probes))
    if find_spec("deepface") is None:
        print("deepface is not installed: nothing to compare queries with", file=sys.stderr)
    else:
        yield per_query(*deepface(folder, probes, model=asked.deepface_model), images=len(probes))
    with bootstrap.open_home(home=home) as opened:
        yield from enrolling(opened, folder, images=len(found), repeats=asked.repeats)


def per_query(run: str, took: Took, *, images: int) -> dict[str, Any]:
    """Seconds that each of so many photographs took."""
    return row(run=run, images=images, s=took.seconds / images, images_per_s=images / took.seconds)


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--photographs", type=int, default=1850)
    parser.add_argument("--repeats", type=int, default=3, help="turns of enrolling")
    parser.add_argument("--cold-repeats", type=int, default=9, help="turns of the cold query")
    parser.add_argument("--queries", type=int, default=50, help="photographs asked in one process")
    parser.add_argument("--deepface-model", default="SFace", help="network deepface runs, where it is installed")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        rows = []
        for figures in measured(asked, Path(name) / "home", Path(name)):
            print({name: value for name, value in figures.items() if value is not None}, file=sys.stderr, flush=True)
            rows.append(figures)
    report("faces_throughput", rows, file=asked.json, repeats=asked.repeats, cold_repeats=asked.cold_repeats)


if __name__ == "__main__":
    main()
