"""Rebuild what ships inside the package: the model `digits`, and the gallery `digits` with its calibration.

    python scripts/build_shipped.py FOLDER_OF_IDX_FILES            # train (15 minutes on 2 cores), then build
    python scripts/build_shipped.py FOLDER_OF_IDX_FILES --model M  # build from a model folder trained before

The gallery travels as float16; its calibration is made from the vectors as they arrive, in a second, empty home.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from index_mnist import index

from identity import bootstrap
from identity.bootstrap import SHIPPED
from identity.settings import Settings
from identity.store.opening import open_store
from identity.store.shipped import Credit
from identity.workflows.train import train_digits
from identity.zoo.folder import ModelFolder

CREDIT = Credit(
    source="MNIST training set (Y. LeCun, C. Cortes, C. J. C. Burges)", path="train-images-idx3-ubyte", size_px=28
)
PACKED = SHIPPED / "galleries" / "digits-2.npz"  # another number for another space: homes replace the one they have


def build(data: Path, model: Path | None, working: Path) -> None:
    """Model into the package, gallery enrolled in one home, calibrated in another as it will arrive, packed."""
    trained = model or train_digits(
        Settings(working, ""), data=str(data), recipe="triplet", epochs=None, seed=0, name="digits",
        folder=working / "digits", on_step=lambda _done, _total, _loss: None,
    )  # fmt: skip
    models = SHIPPED / "models"
    ModelFolder(home=models, shipped=models).add(trained, name="digits")
    PACKED.unlink(missing_ok=True)
    with bootstrap.open_home(home=working / "first") as first:
        first.create_gallery("digits")
        opened = first.open_gallery("digits")
        index(opened, str(data))
        store = open_store(first.settings.database)
        store.pack(opened.store.gallery, PACKED, credit=CREDIT, calibration=None)
        with bootstrap.open_gallery("digits", home=working / "second") as arrived:
            calibration = arrived.calibrate(alpha=0.01)
        store.pack(opened.store.gallery, PACKED, credit=CREDIT, calibration=calibration)
        store.close()
    print(f"{PACKED}: {PACKED.stat().st_size / 1e6:.1f} MB")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("data", type=Path, help="folder with MNIST's IDX files")
    arguments.add_argument("--model", type=Path, help="folder of a model that was trained before")
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory() as working:
        build(asked.data, asked.model, Path(working))


if __name__ == "__main__":
    main()
