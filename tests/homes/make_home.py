"""Makes `d59714d.tar.xz`: a home written by the commands of that revision, probes, and what it answered to them.

    git clone . OTHER && git -C OTHER checkout d59714d
    python tests/homes/make_home.py OTHER WORK tests/homes/d59714d.tar.xz

WORK is a folder that does not exist yet; the commands run in it, because Python looks for modules there first. #3
stands for the third sample of the gallery. Samples are relabelled after others were removed: removing writes the index
file, so that the file in force has older labels than the table. The gallery that ships with the package is deleted at
the end, after it answered, so that the archive stays small. Run `go_on.py` afterwards. Needs `onnx`.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tarfile
from pathlib import Path

import network
import pictures

COMMANDS = """
    models add network
    gallery create numerals --model digits
    enroll numerals -g numerals --calibration-fraction 0.5
    calibrate -g numerals --alpha 0.05
    samples remove #20 #21 #22 -g numerals --yes
    samples relabel #3 #4 -g numerals --as 9
    gallery create guarded --model digits
    enroll numerals -g guarded --calibration-fraction 0.5 --no-crops
    calibrate -g guarded --alpha 0.05 --target-far 0.1 --negatives letters
    gallery create people --model pixels --detector whole
    enroll people -g people
    calibrate -g people --target-fpir 0.05
    gallery create album --model pixels --detector whole
    enroll album -g album
    cluster -g album --algo hdbscan
    cluster -g album --algo dbscan --eps 0.4
    people name c1 Ada -g album
    people name c2 Grace -g album
    people merge c3 c4 --as Edsger -g album
    people split c5 #18 -g album
    people reject c6 #23 -g album
    people reject c7 --name Ada -g album
    enroll later -g album
    cluster -g album --eps 0.4
    people confirm Ada -g album
    cluster -g album --full --eps 0.6
    cluster undo -g album
"""
ANSWERS = {
    "shipped": "query probes/numerals --json",
    "numerals": "query probes/numerals -g numerals --json",
    "guarded": "query probes/numerals -g guarded --json",
    "people": "query probes/people -g people --json",
    "album": "query probes/album -g album --json",
    "samples of numerals": "samples list -g numerals --limit 500 --json",
    "samples of album": "samples list -g album --limit 500 --json",
    "people of album": "people list -g album --json",
    "Ada": "people show Ada -g album --json",
    "history": "cluster history -g album --json",
    "galleries": "gallery list --json",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("checkout", "work", "archive"):
        parser.add_argument(name, type=Path)
    options = parser.parse_args()
    work = options.work.resolve()
    pictures.lay_out(work)
    network.write(work / "network")
    for line in COMMANDS.strip().splitlines():
        run(line, work=work, checkout=options.checkout)
    (work / "answers").mkdir()
    for name, line in ANSWERS.items():
        answer = run(line, work=work, checkout=options.checkout)
        (work / "answers" / f"{name}.json").write_text(answer, encoding="utf-8")
    run("gallery delete digits --yes", work=work, checkout=options.checkout)
    pack(work, options.archive)


def numbered(line: str, *, work: Path, checkout: Path) -> str:
    """The command with sample ids in place of their numbers in the gallery."""
    if "#" not in line:
        return line
    gallery = line.split("-g ")[1].split()[0]
    listed = json.loads(run(f"samples list -g {gallery} --limit 500 --json", work=work, checkout=checkout))["samples"]
    return re.sub(r"#(\d+)", lambda found: str(listed[int(found[1]) - 1]["id"]), line)


def run(line: str, *, work: Path, checkout: Path) -> str:
    """What one command of the checkout prints."""
    environment = {**os.environ, "PYTHONPATH": str(checkout.resolve()), "IDENTITY_HOME": str(work / "home")}
    words = numbered(line, work=work, checkout=checkout).split()
    command = [sys.executable, "-m", "identity", *words]
    finished = subprocess.run(command, cwd=work, env=environment, capture_output=True, text=True, check=False)
    if finished.returncode:
        raise SystemExit(f"identity {line}: {finished.stderr}")
    print(f"identity {line.strip()}", file=sys.stderr)
    return finished.stdout


def pack(work: Path, archive: Path) -> None:
    """The home, the probes and the answers, without who packed them and when."""
    with tarfile.open(archive, "w:xz") as packed:
        for name in ("home", "probes", "answers"):
            packed.add(work / name, name, filter=_anonymous)


def _anonymous(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = entry.mtime = 0
    entry.uname = entry.gname = ""
    return entry


if __name__ == "__main__":
    main()
