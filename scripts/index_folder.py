"""Index a tree of images into a gallery: sub-folders are names. Interrupted, run it again: only the rest is done.

    python scripts/index_folder.py FOLDER --gallery people --model face-reid-0095 [--json-lines]
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from tqdm import tqdm

from identity import bootstrap
from identity.gallery.images import count_images


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--gallery", required=True)
    arguments.add_argument("--model", default="digits", help="model of the gallery, where it has to be made")
    arguments.add_argument("--detector", help="'yunet' or 'whole'; else what suits the model")
    arguments.add_argument("--calibration-fraction", type=float, default=0.0)
    arguments.add_argument("--json-lines", action="store_true", help="print one JSON line per file")
    asked = arguments.parse_args()
    with bootstrap.open_home() as home:
        if asked.gallery not in [gallery.name for gallery, _ in home.galleries()]:
            home.create_gallery(asked.gallery, model=asked.model, detector=asked.detector)
        count = count_images([asked.folder])
        with tqdm(total=count, unit=" images", file=sys.stderr, disable=not sys.stderr.isatty()) as shown:
            report = home.open_gallery(asked.gallery).enroll(
                [asked.folder],
                calibration_fraction=asked.calibration_fraction,
                on_progress=shown.update,
                on_image=_print_line if asked.json_lines else None,
            )
    print(
        f"{report.gallery} samples, {report.calibration} for calibration, {report.duplicates} there before, "
        f"{sum(report.skipped.values())} skipped, {len(report.failed)} unreadable",
        file=sys.stderr,
    )
    sys.exit(6 if report.failed else 0)


def _print_line(name: str, outcome: str) -> None:
    print(json.dumps({"source": name, "outcome": outcome}, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
