"""How long a gallery takes to another home: exported, imported, imported again, beside a backup of the same home.

    PYTHONPATH=. python scripts/bench/moving.py --samples 10000 --json moving.json

A home with random vectors (512 numbers) and random crops of 600 bytes is filled as `backup.py` fills it. The acts take
turns; each import goes into a home of its own. `MB` is the size of what was written or read; `x fill` is the time
against that of writing the same samples batch by batch into the store, as an enrolment does.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path

from backup import DIM, fill
from reporting import arguments, report

from identity.store.opening import open_store
from identity.store.sql import SqlStore
from identity.store.sqlite.database import Database
from identity.workflows.moving import Entrance, export_gallery, import_gallery
from identity.zoo.folder import ModelFolder

Act = Callable[[], object]


def address(folder: Path, name: object) -> str:
    (folder / str(name)).mkdir(exist_ok=True)
    return f"sqlite:///{folder / str(name) / 'identity.db'}"


def seconds(act: Act) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def filled(folder: Path, name: str, *, samples: int) -> tuple[SqlStore, float]:
    database = Database.open(address(folder, name))
    took_s = seconds(partial(fill, database, samples=samples))
    return SqlStore(database), took_s


def taken_in(store: SqlStore, path: Path) -> None:
    entrance = Entrance(ModelFolder(path.parent / "models", path.parent / "shipped"))
    import_gallery(store, path, name=None, merge_names=False, entrance=entrance)


def acts(store: SqlStore, folder: Path, homes: Iterator[int]) -> Iterator[tuple[str, Path, float]]:
    """One turn: what was done, the file it was about, and the seconds it took."""
    gallery, whole, bare, backup = store.galleries.get("g"), *(folder / name for name in ("whole", "bare", "backup"))
    yield "export", whole, seconds(partial(export_gallery, store, gallery, whole, crops=True))
    yield "export --no-crops", bare, seconds(partial(export_gallery, store, gallery, bare, crops=False))
    yield "backup of the home", backup, seconds(partial(store.backup, backup))
    other = open_store(address(folder, next(homes)))
    yield "import", whole, seconds(partial(taken_in, other, whole))
    yield "import again", whole, seconds(partial(taken_in, other, whole))
    again = folder / "again"
    export_gallery(other, other.galleries.get("g"), again, crops=True)
    if again.read_bytes() != whole.read_bytes():
        raise RuntimeError("the gallery that arrived is not the one that left")
    other.close()


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--samples", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    taken: dict[str, list[float]] = {}
    sizes_mb: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        folder, homes = Path(name), count()
        store, fill_s = filled(folder, "home", samples=options.samples)
        for _ in range(options.repeats):
            for act, path, took_s in acts(store, folder, homes):
                taken.setdefault(act, []).append(took_s)
                sizes_mb[act] = path.stat().st_size / 1e6
        store.close()
    rows = [{"act": "fill", "s": fill_s, "least s": fill_s, "most s": fill_s, "MB": None, "x fill": 1.0}]
    for act, found in taken.items():
        middle_s = statistics.median(found)
        rows.append(
            {"act": act, "s": middle_s, "least s": min(found), "most s": max(found), "MB": sizes_mb[act]}
            | {"x fill": middle_s / fill_s}
        )
    report("moving", rows, file=options.json, samples=options.samples, dim=DIM, repeats=options.repeats)


if __name__ == "__main__":
    main()
