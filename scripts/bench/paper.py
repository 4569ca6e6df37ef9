"""How photographs are told from ink on paper before they get into a gallery of digits: the unevenness of both.

    python scripts/bench/paper.py ../shared/data [--json FILE]

Photographs: LFW and ORL. Paper: scans of scikit-learn's digits as 96 x 96 images, and drawn on paper that is lit from
one side and has a camera's noise of a given standard deviation.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

from identity.imaging.digits import unevenness
from identity.imaging.photographs import LEAST_PX, UNEVEN
from identity.imaging.sources import read_sources

NOISES = (2, 5, 10, 20)
SCANS = 400


def of_folder(folder: Path) -> Iterator[np.ndarray]:
    for image in read_sources([folder]):
        if image.pixels is not None and min(image.width, image.height) >= LEAST_PX:
            yield image.pixels


def on_paper(noise: float, side: int = 400) -> Iterator[np.ndarray]:
    random = np.random.default_rng(0)
    rows, columns = np.mgrid[:side, :side] / side
    for scan in load_digits().images[:SCANS]:
        ink = Image.fromarray(np.uint8(scan * (255 / 16))).resize((side // 2, side // 2), Image.Resampling.BICUBIC)
        page = np.zeros((side, side))
        page[side // 4 : side // 4 + side // 2, side // 4 : side // 4 + side // 2] = ink
        light = 180 - random.uniform(0, 70) * columns + random.uniform(0, 40) * rows
        seen = light * (1 - 0.7 * page / 255) + random.normal(0, noise, page.shape)
        yield np.clip(seen, 0, 255).astype(np.uint8)


def row(images: Iterator[np.ndarray]) -> dict[str, float]:
    values = np.array([unevenness(image) for image in images])
    names = ("smallest", "5 %", "median", "95 %", "largest")
    found = dict(zip(names, np.quantile(values, [0, 0.05, 0.5, 0.95, 1]).round(1).tolist(), strict=True))
    return {"images": len(values), **found, "taken for photographs": round(float((values > UNEVEN).mean()), 4)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    table = {name: row(of_folder(asked.data / "faces" / name)) for name in ("lfw/deepfunneled_10plus", "orl")}
    with tempfile.TemporaryDirectory() as folder:
        from identity.demo import images

        images.write(Path(folder))
        table["the demo's scans and letters"] = row(of_folder(Path(folder)))
    table |= {f"paper, noise {noise}": row(on_paper(noise)) for noise in NOISES}
    for name, values in table.items():
        print(f"{name:32} {'  '.join(f'{what} {value}' for what, value in values.items())}")
    if asked.json:
        asked.json.write_text(json.dumps(table, indent=1))


if __name__ == "__main__":
    main()
