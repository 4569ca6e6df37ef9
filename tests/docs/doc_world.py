"""The folder a reader of the docs stands in: the pictures of `identity demo`, and photographs where there are any.

`digits-2/` is another model, `test-digits/` are ten scans of each digit, `scans/` sixty without a name.
`photos/` are 36 people of ORL, three photographs each; `test/` and `known/` are others of the
same people, `others/` of people who are not enrolled.
"""

from __future__ import annotations

import json
import os
import shutil
from importlib.util import find_spec
from itertools import product
from pathlib import Path

from PIL import Image

from identity.bootstrap import SHIPPED
from identity.demo import images as demo_images

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("IDENTITY_TEST_DATA", ROOT.parent / "shared" / "data"))
PEOPLE, PHOTOGRAPHS, STRANGERS = 36, 3, ("s37", "s38", "s39", "s40")
WEIGHTS = ("yunet/yunet_n_dynamic.onnx", "face-reid-0095/face-reidentification-retail-0095.onnx")
ORL = DATA / "faces" / "orl"


def faces_missing() -> str | None:
    """Which of the sets that the blocks for faces need is not here."""
    needed = [ORL, *(DATA / "weights" / one for one in WEIGHTS)]
    return next((str(path.relative_to(DATA)) for path in needed if not path.exists()), None)


def parquet_missing() -> str | None:
    """What the commands that write Parquet files need, where it is not installed."""
    return None if find_spec("pyarrow") else "PyArrow (pip install 'identity-search[parquet]')"


def lay_out(folder: Path) -> None:
    """Write every file that the docs name."""
    demo_images.write(folder / "demo")
    shutil.copy(folder / "demo" / "seven.png", folder / "seven.png")
    _some(folder / "demo" / "enroll", folder / "test-digits")
    _copy_unnamed(folder / "demo" / "probes", folder / "scans")
    another_model(folder / "digits-2")
    if faces_missing() is None:
        _people(folder)


def _some(named: Path, folder: Path) -> None:
    """Ten scans of each digit, with their names."""
    for digit in sorted(named.iterdir()):
        (folder / digit.name).mkdir(parents=True)
        for path in sorted(digit.glob("*.png"))[:10]:
            shutil.copy(path, folder / digit.name)


def _copy_unnamed(named: Path, folder: Path) -> None:
    """Twenty scans each of 0, 6 and 7, without their names."""
    folder.mkdir()
    for digit in ("0", "6", "7"):
        for path in sorted((named / digit).glob("*.png"))[:20]:
            shutil.copy(path, folder / f"{path.stem}.png")


def another_model(folder: Path) -> None:
    """The network that ships, as a model of another space: its pixels are scaled a little otherwise."""
    shutil.copytree(SHIPPED / "models" / "digits", folder)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest["name"] = folder.name
    manifest["input"]["scale"] *= 1.01
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def _people(folder: Path) -> None:
    for weights in WEIGHTS:
        shutil.copy(DATA / "weights" / weights, folder)
    for person in range(1, PEOPLE + 1):
        for shot in range(1, PHOTOGRAPHS + 1):
            _photograph(f"s{person}", shot, folder / "photos" / f"s{person}")
            if person <= 12:
                _photograph(f"s{person}", shot + PHOTOGRAPHS, folder / "test" / f"s{person}")
            if person <= 6:
                _photograph(f"s{person}", shot, folder / "album", name=f"p{person}-{shot}")
    for person, shot in product(range(1, 7), (8, 9)):
        _photograph(f"s{person}", shot, folder / "known" / f"s{person}")
    for stranger in STRANGERS:
        _photograph(stranger, 1, folder / "others" / stranger)
    _photograph("s1", 8, folder, name="first")
    _photograph("s1", 9, folder, name="second")
    _group(folder / "group.png")


def _photograph(person: str, shot: int, folder: Path, *, name: str | None = None) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    Image.open(ORL / person / f"{shot}.pgm").save(folder / f"{name or shot}.png")


def _group(path: Path) -> None:
    """One photograph of s5, s1 and a stranger."""
    paper = Image.new("L", (720, 300), 128)
    for place, person in enumerate(("s5", "s1", "s40")):
        paper.paste(Image.open(ORL / person / "6.pgm").resize((184, 224)), (40 + place * 230, 40))
    paper.save(path)
