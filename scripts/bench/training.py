"""What each recipe reaches: trains with several seeds, judges on MNIST's test set with the 54,000 training images.

    python scripts/bench/training.py --seeds 0 1 2 --folder trained --json training.json    # 15 minutes a run
    python scripts/bench/training.py --recipes classic --seeds 0 --epochs 1 --train-images 2000 --folder /tmp/t

The gallery holds exactly the images that trained; the 6,000 held out for calibration are in neither, and the test set
is touched here alone. A model folder that is there already is judged again, not trained again.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from enrolling import subset, train_images
from openset import gallery_of
from recognition import images_of
from reporting import arguments, report

from identity.settings import Settings
from identity.training.recipes import RECIPES
from identity.workflows.train import train_digits

LIMIT_S = 900


def trained(data: Path, folder: Path, *, recipe: str, seed: int, epochs: int | None) -> float | None:
    """Seconds of a training, None where its model folder was there before."""
    if (folder / "manifest.json").is_file():
        return None
    start = time.perf_counter()
    train_digits(
        Settings(folder.parent, ""), data=str(data), recipe=recipe, epochs=epochs, seed=seed, name=folder.name,
        folder=folder, on_step=lambda _done, _total, _loss: None,
    )  # fmt: skip
    return time.perf_counter() - start


def judged(model: Path, train: Path, test: Path) -> tuple[float, float]:
    """1-NN and 5-NN accuracy on the test set of a gallery of the images that trained the model."""
    with gallery_of(model, train) as opened:
        opened.calibrate(alpha=0.05)  # accuracy is the same at any
        known = opened.evaluate([test]).known
    return known.accuracy_1nn.value, known.accuracy_5nn.value


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--recipes", nargs="+", default=["triplet", "classic"], choices=RECIPES)
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--epochs", type=int, help="passes over the images, else the recipe's own")
    parser.add_argument("--train-images", type=int, default=60_000, help="fewer, to try this program")
    parser.add_argument("--folder", type=Path, required=True, help="where the model folders go")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    print(f"time limit: {LIMIT_S} s a training")
    mnist = asked.data / "digits" / "mnist"
    rows = []
    with tempfile.TemporaryDirectory() as name:
        train = subset(train_images(mnist), Path(name), images=asked.train_images)
        for recipe in asked.recipes:
            found = []
            for seed in asked.seeds:
                model = asked.folder / f"{recipe}-{seed}"
                seconds = trained(train, model, recipe=recipe, seed=seed, epochs=asked.epochs)
                found.append(judged(model, train, images_of(mnist, beginning="t10k")))
                rows.append(row(recipe, str(seed), found[-1:], seconds=seconds))
                print(rows[-1], flush=True)
            rows.append(row(recipe, "mean", found, seconds=None))
    report("training", rows, file=asked.json, limit_s=LIMIT_S, epochs=asked.epochs, train_images=asked.train_images)


def row(recipe: str, seed: str, found: list[tuple[float, float]], *, seconds: float | None) -> dict[str, object]:
    """One training, or the mean of several."""
    nearest, voted = (statistics.mean(column) for column in zip(*found, strict=True))
    late = None if seconds is None else seconds > LIMIT_S
    return {"recipe": recipe, "seed": seed, "1-NN": f"{nearest:.2%}", "5-NN": f"{voted:.2%}", "train_s": seconds,
            "late": late}  # fmt: skip


if __name__ == "__main__":
    main()
