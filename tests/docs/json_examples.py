"""Makes the examples of docs/json.md by running the commands, and writes them into the page.

    python tests/docs/json_examples.py --write docs/json.md     # from the repository root, PYTHONPATH=.

An example stands below a line `<!-- example: NAME -->`. Lists are cut to their first entries, long numbers are rounded,
times and the home are replaced, so that only a change of a document changes the page. Examples of faces need the sets
that `doc_world` names; without these they stay as they are.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from doc_blocks import run_identity
from doc_world import faces_missing, lay_out, parquet_missing

MARKER = re.compile(r"(<!-- example: (\S+) -->\n+```json\n)(.*?)(```)", re.DOTALL)
TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d.*")
ADDRESS = re.compile(r"postgresql://\S+")
HOME = "/home/ada/.local/share/identity"
MOST_ENTRIES = 2
CUT = {"fmr": 3, "fnmr": 3, "distances": 3}
Commands = list[tuple[str, str]]  # the name of an example, "" for none, and the command

DIGITS: Commands = [
    ("", "gallery create mine"),
    ("enroll", "enroll demo/probes -g mine --calibration-fraction 0.4 --json"),
    ("calibrate", "calibrate -g mine --alpha 0.05 --json"),
    ("query", "query seven.png -g mine -k 2 --json"),
    ("answer", "query seven.png -g mine -k 1 --threshold 0.3 --jsonl"),
    ("evaluate", "evaluate -g mine --known test-digits --unknown demo/letters --json"),
    ("gallery", "gallery show mine --json"),
    ("gallery-list", "gallery list --json"),
    ("samples", "samples list -g mine --limit 2 --json"),
    ("", "gallery create scans"),
    ("", "enroll scans -g scans"),
    ("sync", "sync scans -g scans --json"),
    ("cluster", "cluster -g scans --json"),
    ("people-decision", "people name c1 zero -g scans --json"),
    ("people", "people list -g scans --json"),
    ("person", "people show c1 -g scans --json"),
    ("people-history", "people history -g scans --json"),
    ("people-undo", "people undo -g scans --json"),
    ("", "people name c1 zero -g scans"),
    ("cluster-evaluate", "cluster evaluate -g scans --truth demo/probes --json"),
    ("cluster-history", "cluster history -g scans --json"),
    ("cluster-undo", "cluster undo -g scans --json"),
    ("export-bundle", "export bundle scans.bundle -g scans --json"),
    ("import-bundle", "import bundle scans.bundle -g moved --json"),
    ("", "models add digits-2"),
    ("reembed", "reembed -g scans --model digits-2 --json"),
    ("status", "status --json"),
    ("database-copy", "database copy sqlite:///../home/identity.db sqlite:///copied.db --json"),
    ("doctor", "doctor --json"),
    ("models", "models list --json"),
    ("config", "config default-gallery --json"),
]
TABLES: Commands = [("export-parquet", "export parquet scans.parquet -g scans --json")]
SHARDED = "database-shard"  # on a server with a stand-in for Citus
FACES: Commands = [
    ("", "models add yunet_n_dynamic.onnx"),
    ("", "models add face-reidentification-retail-0095.onnx"),
    ("model", "models show face-reid-0095 --json"),
    ("setup", "setup faces --json"),
    ("", "enroll test -g people"),
    ("calibrate-people", "calibrate -g people --json"),
    ("verify", "verify first.png second.png -g people --json"),
    ("evaluate-people", "evaluate -g people --known known --unknown others --json"),
    ("export-xmp", "export xmp -g people --json"),
    ("", "export xmp -g people --sidecars"),
    ("import-xmp", "import xmp test -g people --json"),
    ("models-measure", "models measure face-reid-0095 --photographs photos --even-if-fewer --json"),
]


def examples(folder: Path) -> dict[str, Any]:
    """Every example by its name in the page; `folder` as for `printed`."""
    home = str(folder / "home")
    commands = DIGITS + ([] if parquet_missing() else TABLES) + ([] if faces_missing() else FACES)
    with sharding() as others:
        return {name: shortened(one, home=home) for (name, _), one in printed(commands + others, folder) if name}


@contextlib.contextmanager
def sharding() -> Iterator[Commands]:
    """The command that distributes a database, in one of two workers; none where PostgreSQL is not installed."""
    sys.path.append(str(Path(__file__).parents[1]))  # of those that this file is run without
    from citus_stand_in import ShardedServer
    from postgres_server import binaries

    programs = binaries()
    if programs is None:
        yield []
        return
    server = ShardedServer(programs)
    try:
        yield [(SHARDED, f"database shard --database {server.cluster('one', 'two')} --json")]
    finally:
        server.close()


def printed(commands: Commands, folder: Path) -> Iterator[tuple[tuple[str, str], Any]]:
    """Each command with the document it prints, if any; the pictures are in `folder / "work"`, a home beside it."""
    with _standing_in(folder):
        for name, line in commands:
            code, out, err = run_identity(line.split())
            assert code == 0, f"identity {line}: {err}"
            yield (name, line), json.loads(out) if line.endswith(("--json", "--jsonl")) else None


@contextlib.contextmanager
def _standing_in(folder: Path) -> Iterator[None]:
    """In the work folder, with a home of its own and no network."""
    before, here = dict(os.environ), Path.cwd()
    os.environ |= {"IDENTITY_HOME": str(folder / "home"), "IDENTITY_OFFLINE": "1"}
    os.environ.pop("IDENTITY_DATABASE_URL", None)
    os.chdir(folder / "work")
    try:
        yield
    finally:
        os.chdir(here)
        os.environ.clear()
        os.environ.update(before)


def shortened(value: Any, *, home: str, key: str = "") -> Any:
    """The same document, shorter and without what differs from run to run."""
    match value:
        case dict():
            few = _few(value) if key.startswith(("taken_for", "refused_per", "unknown_per", "accepted_per")) else value
            return {name: shortened(one, home=home, key=name) for name, one in few.items()}
        case list():
            most = CUT.get(key, len(value) if key in ("box", "interval", "fpir_interval") else MOST_ENTRIES)
            return [shortened(one, home=home, key=key) for one in value[:most]]
        case float():
            return float(f"{value:.4g}")
        case str() if TIME.match(value):
            return "2026-01-31T12:00:00+00:00"
        case str():
            here, program = str(Path(home).parent / "work"), str(Path(__file__).resolve().parents[2])
            value = value.replace(f"{here}/../home", HOME)
            value = ADDRESS.sub("postgresql://ada@db.example/faces", value)
            return value.replace(home, HOME).replace(here, "/home/ada").replace(program, "/opt/identity")
    return value


def _few(entries: Mapping[str, Any]) -> dict[str, Any]:
    return dict(list(entries.items())[:MOST_ENTRIES])


def written(page: str, made: Mapping[str, Any]) -> str:
    """The page with the examples that were made in their places."""

    def example(found: re.Match[str]) -> str:
        if found[2] not in made:
            return found[0]
        return f"{found[1]}{json.dumps(made[found[2]], indent=1, ensure_ascii=False)}\n{found[4]}"

    return MARKER.sub(example, page)


def shown(page: str) -> dict[str, Any]:
    """The examples that stand in a page."""
    return {found[2]: json.loads(found[3]) for found in MARKER.finditer(page)}


def shape(value: Any) -> Any:
    """The keys of a document, whatever its values are; of a list, those of its first entry."""
    match value:
        case dict():
            return {key: shape(one) for key, one in sorted(value.items())}
        case list():
            return [shape(one) for one in value[:1]]
    return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", type=Path, required=True, help="page whose examples are made anew")
    page = parser.parse_args().write
    with tempfile.TemporaryDirectory() as folder:
        lay_out(Path(folder) / "work")
        made = examples(Path(folder))
    page.write_text(written(page.read_text("utf-8"), made), "utf-8")
    left = set(shown(page.read_text("utf-8"))) - set(made)
    print(f"{len(made)} examples written to {page}; left as they were: {', '.join(sorted(left)) or 'none'}")


if __name__ == "__main__":
    main()
