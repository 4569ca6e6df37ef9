"""What keeping poor faces out of the cores of clusters changes: LFW's photographs, and crowds made of them.

    python scripts/bench/face_quality.py --json quality.json

LFW: all faces that YuNet finds in the 1,850 photographs, the people in the background too. Crowds: around one sharp
photograph lie twelve of other people, each made small (5 to 12 pixels from eye to eye), blurred (Gaussian) or moved.
Every set is enrolled by the program's own way, once by its own rules and once with faces of any size and sharpness,
clustered blind by `identity cluster`'s own way, with and without `--min-quality`, and compared with the truth. A
cluster counts as made of poor faces only where nobody in it is a sharp one: of the crowds by how they were made, of LFW
where all are background faces. eps comes from the model's reference points, which LFW's own labels gave.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from face_limits import moved
from PIL import Image, ImageFilter
from reporting import arguments, report

import identity
from identity import Home, Plan
from identity.clustering.quality import bcubed
from identity.core.face_count import FaceCount
from identity.core.face_selection import FaceRules
from identity.core.types import Box

TILE_PX, TILES, MIDDLE = 150, (5, 4), ((1, 1), (2, 2))  # a sharp photograph of 250 px lies in the middle
EYES_OF_LFW_PX = 44
OWN, ALL = FaceRules(faces=FaceCount.ALL), FaceRules(faces=FaceCount.ALL, min_face_px=0, min_sharpness=0)
Told = Callable[[str, Box], tuple[str | None, bool]]  # who a box of a file shows, and whether that is a sharp face


def crowds(folder: Path, files: list[Path], *, count: int) -> dict[str, dict[tuple[int, int], str]]:
    """Photographs of crowds in a folder, and who was put where: by file, then by tile; tile (-1, -1) is the middle."""
    rng, told = np.random.default_rng(0), {}
    for number in range(count):
        name = f"{number}.png"
        canvas = Image.new("RGB", (TILES[0] * TILE_PX, TILES[1] * TILE_PX), (110, 110, 110))
        sharp, *others = (files[i] for i in rng.choice(len(files), 13, replace=False))
        canvas.paste(Image.open(sharp), (250, 175))
        told[name] = {(-1, -1): sharp.parent.name}
        for file, (x, y) in zip(others, _around(), strict=True):
            worse = _worse(Image.open(file).convert("RGB"), rng)
            canvas.paste(worse, (x * TILE_PX + (TILE_PX - worse.width) // 2, y * TILE_PX))
            told[name][x, y] = file.parent.name
        canvas.save(folder / name)
    return told


def _around() -> list[tuple[int, int]]:
    """Twelve tiles of the rim: not those under the photograph in the middle."""
    return [(x, y) for x in range(TILES[0]) for y in range(TILES[1]) if x in (0, 4) or y in (0, 3)][:12]


def _worse(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    way, much = rng.integers(3), rng.uniform()
    if way == 0:
        side = round(picture.width * (5 + 7 * much) / EYES_OF_LFW_PX)
        return picture.resize((side, side), Image.Resampling.LANCZOS)
    half = picture.resize((125, 125), Image.Resampling.LANCZOS)
    return half.filter(ImageFilter.GaussianBlur(1 + 2 * much)) if way == 1 else moved(half, 5 + 2 * int(4 * much))


def told_of_crowds(told: dict[str, dict[tuple[int, int], str]]) -> Told:
    def of(file: str, box: Box) -> tuple[str | None, bool]:
        x, y = (box.x1 + box.x2) / 2, (box.y1 + box.y2) / 2
        sharp = 250 <= x < 500 and 175 <= y < 425
        tile = (-1, -1) if sharp else (int(x // TILE_PX), int(y // TILE_PX))
        return told[file].get(tile), sharp

    return of


def told_of_lfw(file: str, box: Box) -> tuple[str | None, bool]:
    """The person of a photograph is the face in its middle; others are known to nobody."""
    x, y = (box.x1 + box.x2) / 2, (box.y1 + box.y2) / 2
    return (file.rsplit("_", 1)[0], True) if abs(x - 125) < 40 and abs(y - 125) < 40 else (None, False)


def figures(home: Home, photographs: Path, told: Told, rules: FaceRules) -> Iterator[dict[str, Any]]:
    name = f"{photographs.name}-{rules.min_face_px}"
    home.create_gallery(name, model="face-reid-0095", detector="yunet")
    with home.open_gallery(name) as gallery:
        gallery.enroll(photographs, labels="none", faces=rules)
        held = gallery.samples.get(gallery.clusters.plan(full=True).state.ids.tolist())
        truth = {id_: told(Path(one.source).name, one.box) for id_, one in held.items()}
        for algo in ("dbscan", "hdbscan"):
            for min_quality in (0.0, 0.5):
                plan = gallery.clusters.plan(algo=algo, full=True, min_quality=min_quality)
                row = {"faces": name, "algo": algo, "min_quality": min_quality, "n": plan.state.n}
                yield row | _judged(plan, truth)


def _judged(plan: Plan, truth: dict[int, tuple[str | None, bool]]) -> dict[str, Any]:
    labels, ids = plan.outcome.labels, plan.state.ids.tolist()
    who, sharp = [truth[id_][0] for id_ in ids], np.array([truth[id_][1] for id_ in ids])
    known = np.array([one is not None for one in who])
    agreed = bcubed(labels[known], np.unique([one for one in who if one is not None], return_inverse=True)[1])
    clusters = set(labels[labels >= 0].tolist())
    return {
        "eps": plan.outcome.run.eps, "kept_out": sum(plan.kept_out.values()), "people": len(clusters),
        "of_poor_only": len(clusters - set(labels[sharp].tolist())), "noise": int((labels < 0).sum()),
        "precision": agreed.precision, "recall": agreed.recall, "f": agreed.f1, "flaws": dict(plan.kept_out),
    }  # fmt: skip


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--crowds", type=int, default=120)
    asked = parser.parse_args()
    lfw = asked.data / "faces/lfw/deepfunneled_10plus"
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "crowds"
        made.mkdir()
        told = told_of_crowds(crowds(made, sorted(lfw.rglob("*.jpg")), count=asked.crowds))
        models = identity.open_models(home=Path(folder) / "home")
        models.add(asked.data / "weights/yunet/yunet_n_dynamic.onnx")
        models.add(asked.data / "weights/face-reid-0095/face-reidentification-retail-0095.onnx")
        with identity.open_home(home=Path(folder) / "home") as home:
            for rules in (ALL, OWN):
                for photographs, of in ((lfw, told_of_lfw), (made, told)):
                    for row in figures(home, photographs, of, rules):
                        print(row, file=sys.stderr, flush=True)
                        rows.append(row)
    report("face-quality", rows, file=asked.json, crowds=asked.crowds)


if __name__ == "__main__":
    main()
