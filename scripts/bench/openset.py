"""What digit networks know not to know, several seeds and their mean: known, strangers and another domain.

    python scripts/bench/openset.py --models trained/triplet-0 trained/triplet-1 trained/triplet-2 --json openset.json

The folders are what `training.py` leaves. Each network gets a gallery of the 54,000 images that trained it, calibrated
on the 6,000 that did nothing else, at alpha = 1 % (and at 5 % for the letters accepted then), and is judged on MNIST's
test set, handwritten capitals, notMNIST, USPS and images that show nothing.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from enrolling import train_images
from recognition import LIKE_DIGITS, images_of, nothing, without
from reporting import arguments, report

from identity import bootstrap
from identity.core.types import Role, SourceImage
from identity.gallery import Gallery
from identity.imaging.idx import labels_beside, read_idx_labels
from identity.training.corpus import split
from identity.workflows.describe_many import Here
from identity.workflows.enrol_samples import Policy
from identity.workflows.enroll import enroll

ALPHA, LOOSER = 0.01, 0.05
LETTERS = "letters without O, I, S, Z"
FIGURES = (
    "1-NN", "5-NN", "letters: AUROC", f"{LETTERS}: AUROC", f"{LETTERS}: accepted at 5 %", f"{LETTERS}: accepted at 1 %",
    "notMNIST: AUROC", "notMNIST: CCR at FPR 1e-3", "nothing: accepted", "refused", "refused, worst class", "ambiguous",
    "known but wrong", "USPS: 1-NN", "USPS: refused",
)  # fmt: skip
SCORES = ("AUROC", "CCR")  # no shares: printed as they are


@contextmanager
def gallery_of(model: Path, train: Path) -> Iterator[Gallery]:
    """A gallery of the images that trained a model, those held out kept for its thresholds, in a home of its own."""
    labels = labels_beside(train)
    assert labels is not None
    held_out = frozenset(split(read_idx_labels(labels))[1].tolist())

    def role(image: SourceImage) -> Role:
        return Role.CALIBRATION if image.row in held_out else Role.GALLERY

    with tempfile.TemporaryDirectory() as name, bootstrap.open_home(home=Path(name)) as home:
        home.models.add(model, name="judged")
        home.create_gallery("judged", model="judged")
        opened = home.open_gallery("judged")
        policy = Policy(opened.domain, role_of=role)
        enroll(opened.read([train]), many=Here(opened.pipeline), store=opened.store, policy=policy)
        yield opened


def judged(model: Path, digits: Path, *, nothings: int) -> dict[str, float]:
    """Every figure of `FIGURES` for one network."""
    test, letters = images_of(digits / "mnist", beginning="t10k"), images_of(digits / "letters-az")
    with gallery_of(model, train_images(digits / "mnist")) as gallery, tempfile.TemporaryDirectory() as name:
        empty = [path for _, path in nothing(Path(name), count=nothings)]
        hard = without(letters, LIKE_DIGITS, Path(name) / "letters")
        gallery.calibrate(alpha=ALPHA)
        made = gallery.evaluate([test], [images_of(digits / "notmnist"), letters, hard, *empty])
        usps = gallery.evaluate([images_of(digits / "usps")]).known
        gallery.calibrate(alpha=LOOSER)
        looser = gallery.evaluate([test], [hard]).unknown[0].accepted.value
    known, (printed, all_letters, hard_letters, *blank) = made.known, made.unknown
    return {
        "1-NN": known.accuracy_1nn.value, "5-NN": known.accuracy_5nn.value,
        "letters: AUROC": all_letters.auroc, f"{LETTERS}: AUROC": hard_letters.auroc,
        f"{LETTERS}: accepted at 5 %": looser, f"{LETTERS}: accepted at 1 %": hard_letters.accepted.value,
        "notMNIST: AUROC": printed.auroc, "notMNIST: CCR at FPR 1e-3": printed.ccr_at_fpr["0.001"],
        "nothing: accepted": max(one.accepted.value for one in blank), "refused": known.refused.value,
        "refused, worst class": max(share.value for share in known.refused_per_label.values()),
        "ambiguous": known.ambiguous.value, "known but wrong": known.wrong.value,
        "USPS: 1-NN": usps.accuracy_1nn.value, "USPS: refused": usps.refused.value,
    }  # fmt: skip


def as_read(figure: str, value: float) -> str:
    """A share in per cent, a score with five digits."""
    return f"{value:.5f}" if any(score in figure for score in SCORES) else f"{value:.2%}"


def table(found: Mapping[str, Mapping[str, float]]) -> list[dict[str, str]]:
    """A row for each figure, a column for each network."""
    return [
        {"figure": figure} | {name: as_read(figure, one[figure]) for name, one in found.items()} for figure in FIGURES
    ]


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--models", nargs="+", type=Path, required=True, help="model folders")
    parser.add_argument("--nothings", type=int, default=10_000, help="images of noise, and as many of each other kind")
    asked = parser.parse_args()
    found = {model.name: judged(model, asked.data / "digits", nothings=asked.nothings) for model in asked.models}
    if len(found) > 1:
        found["mean"] = {figure: statistics.mean(one[figure] for one in found.values()) for figure in FIGURES}
    report("openset", table(found), file=asked.json, figures=found)


if __name__ == "__main__":
    main()
