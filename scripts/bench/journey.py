"""Somebody's way from an empty home to named faces and names in the files, each command timed: seconds and bytes.

    python scripts/bench/journey.py --json journey.json

The photographs are LFW's of the 158 people with ten or more, copied without their folders, so nobody is named. The
networks come from a mirror folder with the published files: what a download takes is not in the figures. Bytes are
those of the home afterwards; "said" is the command's last line. Everything lies in a temporary folder.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cold import ROOT
from reporting import arguments, report

REID = "face-reid-0095/face-reidentification-retail-0095"
WEIGHTS = ("yunet/yunet_n_dynamic.onnx", f"{REID}.xml", f"{REID}.bin")
STEPS = (
    "setup faces",
    "config default-gallery people",
    "enroll album --labels none",
    "cluster",
    "people name c1 Ada",
    "people confirm Ada",
    "query new.jpg",
    "cluster --plot pictures",
    "export xmp --sidecars",
    "sync album --labels none",
    "backup people.bak",
)


def laid_out(folder: Path, data: Path) -> None:
    """An album of photographs without names, one that is new, and a mirror of the networks."""
    photographs = sorted((data / "faces/lfw/deepfunneled_10plus").glob("*/*.jpg"))
    (folder / "album").mkdir()
    (folder / "mirror").mkdir()
    for place, photograph in enumerate(photographs):
        shutil.copy(photograph, folder / "album" / f"IMG_{place:05}.jpg")
    (folder / "album" / "IMG_00001.jpg").rename(folder / "new.jpg")
    for weights in WEIGHTS:
        (folder / "mirror" / Path(weights).name).symlink_to(data / "weights" / weights)


def rows(data: Path) -> Iterator[dict[str, Any]]:
    """One row for each command."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        laid_out(folder, data)
        home = folder / "home"
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "IDENTITY_HOME": str(home)}
        environment |= {"IDENTITY_MODELS_MIRROR": str(folder / "mirror"), "IDENTITY_OFFLINE": "1"}
        for step in STEPS:
            begun = time.perf_counter()
            ran = subprocess.run(
                [sys.executable, "-m", "identity", *step.split()],
                cwd=folder, env=environment, capture_output=True, text=True, check=False,
            )  # fmt: skip
            seconds = time.perf_counter() - begun
            if ran.returncode:
                raise SystemExit(f"identity {step}: {ran.stderr}")
            held = sum(path.stat().st_size for path in home.rglob("*") if path.is_file())
            said = (ran.stdout.strip().splitlines() or [""])[-1]
            yield {"command": f"identity {step}", "s": seconds, "home_mb": held / 1e6, "said": said[:60]}


def main() -> None:
    asked = arguments(__doc__).parse_args()
    report("journey", list(rows(asked.data)), file=asked.json)


if __name__ == "__main__":
    main()
