"""How well the gallery `digits` recognises, as it is installed from the package: every figure with its 95 % interval.

    python scripts/bench/recognition.py --json recognition.json --plot confusion.png

Runs the public workflow (`identity.open_gallery("digits").evaluate`) in a new home on MNIST's test set, on strangers
(notMNIST, handwritten capitals, and images that show nothing) and on USPS, which is another digit domain.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from reporting import arguments, report

import identity
from identity.documents.calibration import calibration_fields
from identity.imaging.idx import labels_beside, read_idx_images, read_idx_labels
from identity.workflows.evaluate.recognition import Evaluation, Share, UnknownFigures

SIDE_PX = 28
LIKE_DIGITS = [ord(letter) - ord("A") for letter in "OISZ"]


def write_idx(folder: Path, images: np.ndarray, labels: np.ndarray | None = None) -> Path:
    """Images (n, h, w), with labels (n,) where there are some, as IDX files in a folder of their own."""
    folder.mkdir()
    for name, array in (("images-idx3-ubyte", images), ("labels-idx1-ubyte", labels)):
        if array is not None:
            sides = b"".join(side.to_bytes(4, "big") for side in array.shape)
            (folder / name).write_bytes(bytes([0, 0, 8, array.ndim]) + sides + array.astype(np.uint8).tobytes())
    return folder / "images-idx3-ubyte"


def nothing(folder: Path, *, count: int, seed: int = 0) -> Iterator[tuple[str, Path]]:
    """Images that show nothing at all: uniform noise, blank paper, one grey, stripes of many widths and directions."""
    rng = np.random.default_rng(seed)
    shape = (count, SIDE_PX, SIDE_PX)
    rows, columns = np.indices((SIDE_PX, SIDE_PX))
    between = ((0, np.pi), (1.5, 7), (0, 2 * np.pi))  # radians, pixels, radians: two whole stripes at least
    angle, width, phase = (rng.uniform(low, high, (count, 1, 1)) for low, high in between)
    waves = np.sin((rows * np.sin(angle) + columns * np.cos(angle)) * np.pi / width + phase)
    made = {
        "noise": rng.integers(0, 256, shape),
        "blank": np.broadcast_to(np.where(np.arange(count) % 2, 0, 255)[:, None, None], shape),
        "constant": np.broadcast_to(rng.integers(0, 256, (count, 1, 1)), shape),
        "stripes": np.where(waves > 0, rng.integers(128, 256, (count, 1, 1)), 0),
    }
    for name, images in made.items():
        yield name, write_idx(folder / name, images)


def images_of(folder: Path, *, beginning: str = "") -> Path:
    """The IDX images file of a set."""
    return sorted(folder.glob(f"{beginning}*images*idx3-ubyte*"))[0]


def without(file: Path, labels: list[int], folder: Path) -> Path:
    """A set without the images of some labels."""
    beside = labels_beside(file)
    assert beside is not None
    found = read_idx_labels(beside)
    kept = ~np.isin(found, labels)
    return write_idx(folder, read_idx_images(file)[kept], found[kept])


def share(figure: str, found: Share) -> dict[str, Any]:
    """A row of the table, in per cent."""
    interval = f"{found.low:.3%} .. {found.high:.3%}"
    return {"figure": figure, "value": f"{found.value:.3%}", "interval": interval, "n": found.n}


def auroc(figure: str, found: UnknownFigures) -> list[dict[str, Any]]:
    """Two rows: how well strangers are told from the test set, and how many of them are accepted."""
    row = {"figure": f"{figure}: AUROC", "value": f"{found.auroc:.5f}", "interval": f"FPR95 {found.fpr95:.4f}",
           "n": found.n}  # fmt: skip
    return [row, share(f"{figure}: accepted", found.accepted)]


def known_rows(judged: Evaluation) -> list[dict[str, Any]]:
    """MNIST's test set."""
    known = judged.known
    worst = max(known.refused_per_label, key=lambda label: known.refused_per_label[label].value)
    return [
        share("MNIST test: 1-NN", known.accuracy_1nn),
        share("MNIST test: 5-NN", known.accuracy_5nn),
        share("MNIST test: refused", known.refused),
        share(f"MNIST test: refused, worst class ({worst})", known.refused_per_label[worst]),
        share("MNIST test: ambiguous", known.ambiguous),
        share("MNIST test: known but wrong", known.wrong),
    ]


def draw(judged: Evaluation, named: dict[str, UnknownFigures], path: Path) -> None:
    """Scores, ROC, and which letters are taken for which digits."""
    from identity.plots import evaluation

    scores = {name: judged.judged_unknown[judged.unknown.index(found)].score for name, found in named.items()}
    taken = {
        name: {chr(ord("A") + int(label)): shares for label, shares in found.taken_for.items()}
        for name, found in named.items()
    }
    evaluation.draw(judged.judged_known.score, scores, taken, path=path)


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw which letters are taken for which digits")
    parser.add_argument("--nothings", type=int, default=10_000, help="images of noise, and as many of each other kind")
    asked = parser.parse_args()
    digits = asked.data / "digits"
    letters = images_of(digits / "letters-az")
    with tempfile.TemporaryDirectory() as name, identity.open_gallery("digits", home=Path(name) / "home") as gallery:
        strangers = {
            "notMNIST": images_of(digits / "notmnist"),
            "letters A-Z": letters,
            "letters without O, I, S, Z": without(letters, LIKE_DIGITS, Path(name) / "letters"),
        } | dict(nothing(Path(name), count=asked.nothings))
        judged = gallery.evaluate([images_of(digits / "mnist", beginning="t10k")], list(strangers.values()))
        usps = gallery.evaluate([images_of(digits / "usps")])
        space, rule = gallery.store.gallery.space, calibration_fields(gallery.calibration())
    figures = dict(zip(strangers, judged.unknown, strict=True))
    if asked.plot is not None:
        named = {"handwritten capitals": figures["letters A-Z"], "printed A to J": figures["notMNIST"]}
        draw(judged, named, asked.plot)
    rows = known_rows(judged)
    rows += auroc("notMNIST", figures.pop("notMNIST"))
    for label in ("letters A-Z", "letters without O, I, S, Z"):
        rows += auroc(label, figures.pop(label))
    rows += [share(f"{label}: accepted", found.accepted) for label, found in figures.items()]
    rows += [share("USPS: 1-NN", usps.known.accuracy_1nn), share("USPS: refused", usps.known.refused),
             share("USPS: known but wrong", usps.known.wrong)]  # fmt: skip
    everything = {"known": asdict(judged.known), "unknown": {
        label: asdict(found) for label, found in zip(strangers, judged.unknown, strict=True)
    }, "usps": asdict(usps.known)}  # fmt: skip
    report("recognition", rows, file=asked.json, space=space, alpha=rule["alpha"], figures=everything)


if __name__ == "__main__":
    main()
