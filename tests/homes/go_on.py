"""Writes `goes_on.json`: what the revision that made `d59714d.tar.xz` answers when work on that home goes on.

    git clone . OTHER && git -C OTHER checkout d59714d
    python tests/homes/go_on.py OTHER WORK tests/homes/d59714d.tar.xz tests/homes/goes_on.json

WORK is a folder that does not exist yet. To be run again whenever `make_home.py` made another archive.
"""

from __future__ import annotations

import argparse
import json
import tarfile
from pathlib import Path

from make_home import run

COMMANDS = """
    verify probes/people/000.png probes/people/noisy-000.png -g people
    verify probes/people/000.png probes/people/001.png -g people
    people show Grace -g album
    people show Edsger -g album
    cluster undo -g album
    people list -g album
    cluster undo -g album
    people list -g album
    cluster -g album --full --eps 0.4
    people list -g album
    samples list -g album --limit 500
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("checkout", "work", "archive", "answers"):
        parser.add_argument(name, type=Path)
    options = parser.parse_args()
    work = options.work.resolve()
    with tarfile.open(options.archive) as packed:
        packed.extraction_filter = getattr(tarfile, "data_filter", None)
        packed.extractall(work)
    said = [(line.strip(), _answer(line, work=work, checkout=options.checkout)) for line in _lines()]
    options.answers.write_text(json.dumps(said, separators=(",", ":")) + "\n", encoding="utf-8")


def _lines() -> list[str]:
    return COMMANDS.strip().splitlines()


def _answer(line: str, *, work: Path, checkout: Path) -> object:
    return json.loads(run(f"{line} --json", work=work, checkout=checkout))


if __name__ == "__main__":
    main()
