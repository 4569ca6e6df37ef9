"""What photographs of real cameras cost to enrol: images per second and peak memory, by size, against another revision.

    python scripts/bench/photographs.py --against 92bee19 --json photographs.json
    python scripts/bench/photographs.py --sizes 24 --images 20 --repeats 3

Photographs are generated: a smooth background with grain, into which faces of LFW are pasted at several sizes (one
large face, two, four, eight, and a group of small ones, in turn), written as JPEG into a temporary folder.
Each run is a whole `identity enroll` process; what a process needs before the first photograph is measured by itself (a
folder of one small photograph) and taken off. Memory is the most that the process and its children hold together, in
resident pages, sampled every 10 ms. The revisions take turns. Nothing of a person is written.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from cold import PROGRAM, ROOT, check_out
from PIL import Image
from reporting import arguments, report

SIZES = {"250 px": (250, 250), "12 MP": (4000, 3000), "24 MP": (6000, 4000), "108 MP": (12000, 9000)}
FACES = ((0.4,), (0.25,) * 2, (0.17,) * 4, (0.1,) * 8, (0.07,) * 8 + (0.04,) * 4)  # sides, of the longer side
WEIGHTS = ("yunet/yunet_n_dynamic.onnx", "face-reid-0095/face-reidentification-retail-0095.onnx")
MODEL = ("--model", "face-reid-0095", "--detector", "yunet")
GRAIN_PX = 512
PAGE = os.sysconf("SC_PAGE_SIZE")


def photograph(size: tuple[int, int], faces: Sequence[Path], sides: Sequence[float], seed: int) -> Image.Image:
    """A background of soft colours with grain, and faces side by side."""
    width, height = size
    rng = np.random.default_rng(seed)
    soft = rng.integers(40, 216, (height // 60 + 2, width // 60 + 2, 3), np.uint8)
    pixels = np.asarray(Image.fromarray(soft).resize(size, Image.Resampling.BICUBIC)).astype(np.int16)
    grain = rng.normal(0, 6, (GRAIN_PX, GRAIN_PX, 3)).astype(np.int16)
    for y, x in itertools.product(range(0, height, GRAIN_PX), range(0, width, GRAIN_PX)):
        tile = pixels[y : y + GRAIN_PX, x : x + GRAIN_PX]
        tile += grain[: tile.shape[0], : tile.shape[1]]
    picture = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
    gap = x = y = width // 50
    for share in sides:
        side = round(share * width)
        if x + side > width:
            x, y = gap, y + side + gap
        face = Image.open(faces[rng.integers(len(faces))]).resize((side, side), Image.Resampling.BICUBIC)
        picture.paste(face, (x, y))
        x += side + gap
    return picture


def album(folder: Path, size: tuple[int, int], faces: Sequence[Path], *, images: int) -> Path:
    """A folder of so many photographs."""
    folder.mkdir()
    for number in range(images):
        sides = FACES[0] if max(size) < 1000 else FACES[number % len(FACES)]
        photograph(size, faces, sides, number).save(folder / f"{number}.jpg", quality=90)
    return folder


def resident_bytes(process: int) -> int:
    """Of a process and its children; 0 for one that is gone."""
    try:
        own = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1]) * PAGE
        children = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii").split()
    except (OSError, ValueError, IndexError):
        return 0
    return own + sum(resident_bytes(int(child)) for child in children)


def all_resident_bytes(process: int) -> int:
    """The same, children that other threads of the process began included."""
    try:
        threads = os.listdir(f"/proc/{process}/task")  # noqa: PTH208
    except OSError:
        return 0
    children: set[str] = set()
    for thread in threads:
        try:
            children.update(Path(f"/proc/{process}/task/{thread}/children").read_text(encoding="ascii").split())
        except OSError:
            continue
    own = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1]) * PAGE
    return own + sum(resident_bytes(int(child)) for child in children)


def enrolled(root: Path, home: Path, gallery: str, folder: Path) -> tuple[float, float]:
    """Seconds and peak megabytes of one enrolment into a gallery of its own."""
    environment = os.environ | {"PYTHONPATH": str(root), "IDENTITY_HOME": str(home)}
    program = [sys.executable, *PROGRAM]
    create = [*program, "gallery", "create", gallery, *MODEL]
    subprocess.run(create, check=True, stdout=subprocess.DEVNULL, env=environment, cwd=home)
    start, peak = time.perf_counter(), 0
    command = [*program, "enroll", "-g", gallery, "--faces", "all", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment, cwd=home) as process:
        while process.poll() is None:
            peak = max(peak, all_resident_bytes(process.pid))
            time.sleep(0.01)
    assert process.returncode == 0, f"enrolling {folder} failed: {process.returncode}"
    return time.perf_counter() - start, peak / 1e6


def prepared(root: Path, home: Path, weights: Sequence[Path]) -> None:
    """A home with both networks."""
    home.mkdir()
    environment = os.environ | {"PYTHONPATH": str(root), "IDENTITY_HOME": str(home)}
    for path in weights:
        command = [sys.executable, *PROGRAM, "models", "add", str(path)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment, cwd=home)


def turns(homes: Mapping[str, tuple[Path, Path]], folders: Mapping[str, Path], *, repeats: int) -> dict[str, Any]:
    """Seconds and megabytes of each revision and folder, by turn."""
    taken: dict[str, Any] = {}
    for turn in range(repeats):
        for size, folder in folders.items():
            for name in list(homes)[:: -1 if turn % 2 else 1]:
                root, home = homes[name]
                taken.setdefault((name, size), []).append(enrolled(root, home, f"{size} {turn}", folder))
                print(name, size, taken[name, size][-1], file=sys.stderr, flush=True)
    return taken


def rows(taken: Mapping[Any, Any], names: Sequence[str], counts: Mapping[str, int]) -> list[dict[str, Any]]:
    """Images per second by the median turn, without what starting takes, and the highest peak of all turns."""
    table = []
    for size, images in counts.items():
        row: dict[str, Any] = {"photographs": size, "images": images}
        for name in names:
            took = np.median([seconds for seconds, _ in taken[name, size]])
            started = np.median([seconds for seconds, _ in taken[name, "start"]])
            row[f"images/s, {name}"] = images / max(float(took - started), 1e-3)
            row[f"peak MB, {name}"] = max(megabytes for _, megabytes in taken[name, size])
        if len(names) == 2:
            row["times"] = row[f"images/s, {names[0]}"] / row[f"images/s, {names[1]}"]
        table.append(row)
    return table


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--against", metavar="REVISION", help="this revision takes turns with the present one")
    sizes = [one.split()[0] for one in SIZES]
    parser.add_argument("--sizes", nargs="+", choices=sizes, default=sizes)
    parser.add_argument("--images", type=int, default=20, help="photographs of 24 megapixels; of others in proportion")
    parser.add_argument("--repeats", type=int, default=3)
    asked = parser.parse_args()
    faces = sorted((asked.data / "faces/lfw/deepfunneled_10plus").rglob("*.jpg"))
    share = {"250 px": 10.0, "12 MP": 1.0, "24 MP": 1.0, "108 MP": 0.25}
    counts = {size: max(2, round(asked.images * share[size])) for size in SIZES if size.split()[0] in asked.sizes}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folders = {"start": album(folder / "start", (250, 250), faces, images=1)}
        folders |= {size: album(folder / size, SIZES[size], faces, images=count) for size, count in counts.items()}
        homes = {"now": (ROOT, folder / "home")}
        if asked.against:
            homes[asked.against] = (check_out(asked.against, folder / "other"), folder / "other home")
        for root, home in homes.values():
            prepared(root, home, [asked.data / "weights" / one for one in WEIGHTS])
        taken = turns(homes, folders, repeats=asked.repeats)
    report("photographs", rows(taken, list(homes), counts), file=asked.json, repeats=asked.repeats)


if __name__ == "__main__":
    main()
