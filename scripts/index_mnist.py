"""Index MNIST's training set: 54,000 images into a gallery, 6,000 kept for its calibration, and calibrate.

    python scripts/index_mnist.py FOLDER_OF_IDX_FILES --gallery mnist --model digits
"""

from __future__ import annotations

import argparse
from pathlib import Path

from identity import bootstrap
from identity.core.types import Role, SourceImage
from identity.gallery import Gallery
from identity.settings import from_environment
from identity.training.corpus import split
from identity.workflows.describe_many import Here
from identity.workflows.enrol_samples import Policy
from identity.workflows.enroll import enroll
from identity.workflows.train import load_corpus


def index(opened: Gallery, data: str) -> None:
    """Enroll by the corpus's own split and set the thresholds at alpha 1 %."""
    corpus = load_corpus(data, settings=from_environment())
    _, held_out = split(corpus.labels)
    calibrating = frozenset(held_out.tolist())

    def role(image: SourceImage) -> Role:
        return Role.CALIBRATION if image.row in calibrating else Role.GALLERY

    images = opened.read(sorted(Path(data).glob("train-images-idx3-ubyte*"))[:1])
    policy = Policy(opened.domain, role_of=role)
    report = enroll(images, many=Here(opened.pipeline), store=opened.store, policy=policy)
    print(f"{report.gallery} samples, {report.calibration} for calibration, {report.duplicates} there before")
    print(f"pooled threshold {opened.calibrate(alpha=0.01).pooled.threshold:.4f}")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("data", help="folder with train-images-idx3-ubyte[.gz] and its labels")
    arguments.add_argument("--gallery", default="mnist")
    arguments.add_argument("--model", default="digits")
    asked = arguments.parse_args()
    with bootstrap.open_home() as home:
        if asked.gallery not in [gallery.name for gallery, _ in home.galleries()]:
            home.create_gallery(asked.gallery, model=asked.model)
        index(home.open_gallery(asked.gallery), asked.data)


if __name__ == "__main__":
    main()
