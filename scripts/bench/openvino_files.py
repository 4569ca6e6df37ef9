"""What it costs to make the face network of its publisher's two files, and that it is the known file.

    python scripts/bench/openvino_files.py ../shared/data/weights/face-reid-0095 [--json FILE]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import resource
import time
from pathlib import Path

import numpy as np

from identity.zoo.catalogue import REID_0095
from identity.zoo.openvino.converting import convert

RUNS = 9


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    measured = measure(asked.folder)
    print("\n".join(f"{what:24} {value:,}" for what, value in measured.items()))
    if asked.json:
        asked.json.write_text(json.dumps(measured, indent=1))


def measure(folder: Path) -> dict[str, float | int | bool]:
    name = Path(REID_0095.release.file).stem
    xml, weights = ((folder / part.file).read_bytes() for part in REID_0095.release.made_of)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds = []
    for _ in range(RUNS):
        began = time.process_time()
        made = convert(xml, weights, name=name)
        seconds.append(time.process_time() - began)
    more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    known = hashlib.sha256(made).hexdigest() == REID_0095.manifest.sha256
    return {
        "bytes_read": len(xml) + len(weights),
        "bytes_written": len(made),
        "the_known_file": known,
        "seconds_median": round(float(np.median(seconds)), 3),
        "seconds_largest": round(max(seconds), 3),
        "mb_more_memory": round(more / 1024, 1),
    }


if __name__ == "__main__":
    main()
