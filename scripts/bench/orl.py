"""ORL through the program itself: 5 photographs of each person enrolled, the other 5 asked; rank-1 and verdicts.

    python scripts/bench/orl.py ../shared/data [--json orl.json]
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from identity import bootstrap


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    folder, weights = options.data / "faces/orl", options.data / "weights"
    people = sorted(path for path in folder.iterdir() if path.is_dir())
    with tempfile.TemporaryDirectory() as temporary, bootstrap.open_home(home=Path(temporary)) as home:
        home.models.add(weights / "yunet/yunet_n_dynamic.onnx")
        home.models.add(weights / "face-reid-0095/face-reidentification-retail-0095.onnx")
        home.create_gallery("people", model="face-reid-0095", detector="yunet")
        opened = home.open_gallery("people")
        for person in people:
            opened.enroll([person / f"{shot}.pgm" for shot in range(1, 6)], label=person.name)
        calibration = opened.calibrate()
        probes = [person / f"{shot}.pgm" for person in people for shot in range(6, 11)]
        truth = [person.name for person in people for _ in range(5)]
        answers = [answer.regions[0] for answer in opened.query(probes)]
    named = [(region.matches[0].identity, region.verdict.value, region.identity) for region in answers]
    figures = {
        "people": len(people), "probes": len(probes),
        "rank_1": sum(one[0] == name for one, name in zip(named, truth, strict=True)) / len(probes),
        "known_by_own_name": sum(one[2] == name for one, name in zip(named, truth, strict=True)) / len(probes),
        "known_by_another": sum(one[2] not in (None, name) for one, name in zip(named, truth, strict=True)),
        "search_threshold": calibration.pooled.threshold,
    }  # fmt: skip
    for name, value in figures.items():
        print(f"{name:20} {value}")
    if options.json:
        options.json.write_text(json.dumps({"schema": "identity.bench.orl/1"} | figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
