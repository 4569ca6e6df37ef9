"""The home that is killed: two galleries of drawn pictures, one by the shipped network and one by a tiny one.

`observed` reads what a home holds with plain SQL and nothing of the program.
"""

from __future__ import annotations

import hashlib
import json
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from crashing.reading import Database, Select, little_endian, reading, went

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests" / "homes"))

# gallery -> {"samples": {path: [identity, role, crc32 or more]}, "twice": paths, "rest": digests, "facts", "runs"}
State = dict[str, Any]
NUMERALS, ALBUM, EXTRA, SPARE = "numerals", "album", "extra", "spare"
EPS = 0.4
REST = {  # what else is a gallery's truth, in a fixed order
    "runs": "SELECT id, algo, mode, eps, n_samples, n_clusters, n_noise, undone_at IS NULL FROM cluster_run"
    " WHERE gallery_id = ? ORDER BY id",
    "labels": "SELECT l.* FROM cluster_label l JOIN cluster_run r ON r.id = l.run_id WHERE r.gallery_id = ?"
    " ORDER BY l.sample_id, l.run_id",
    "parties": "SELECT m.sample_id, m.party_id FROM party_member m JOIN party p ON p.id = m.party_id"
    " WHERE p.gallery_id = ? ORDER BY 1, 2",
    "refusals": "SELECT f.party_id, f.sample_id, f.identity_id FROM refusal f JOIN party p ON p.id = f.party_id"
    " WHERE p.gallery_id = ? ORDER BY f.id",
    "decisions": "SELECT id, note, run_id, refused_from, refused_to, undone_at IS NULL FROM decision"
    " WHERE gallery_id = ? ORDER BY id",
    "calibration": "SELECT k, rule, ratio, created_at, pooled_scores, pooled_threshold FROM calibration"
    " WHERE gallery_id = ?",
    "thresholds": "SELECT identity_id, scores, threshold, enough FROM calibration_class WHERE gallery_id = ?"
    " ORDER BY 1",
}
SAMPLES = """
    SELECT i.path, i."row", n.name, s.role, v.vector, v.crc32, i.content, s.id
    FROM sample s JOIN image i ON i.id = s.image_id
    LEFT JOIN identity n ON n.id = s.identity_id
    LEFT JOIN vector v ON v.sample_id = s.id WHERE s.gallery_id = ?
"""


def lay_out(folder: Path) -> dict[str, list[Path]]:
    """The pictures of both galleries, by gallery; a numeral's folder is its digit."""
    import pictures

    def save(path: Path, picture: Any) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        picture.save(path)
        return path

    numerals = [
        save(folder / digit / f"drawn-numerals-{int(digit)}{seed:03d}.png", pictures.numeral(digit, seed))
        for digit in "0123456789"
        for seed in range(16)
    ]
    album = [
        save(folder / "album" / f"drawn-album-{person:02d}{seed:02d}.png", pictures.pattern(100 + person, seed))
        for person in range(12)
        for seed in range(8)
    ]
    return {NUMERALS: numerals, ALBUM: album}


def build(folder: Path, *, address: str | None = None) -> None:
    """Write pictures, networks and the home that every round begins from; its database lies at `address`, or in it."""
    import network

    import identity

    drawn = lay_out(folder / "pictures")
    network.write(folder / "network")
    identity.open_models(home=folder / "home").add(folder / "network")
    without_the_shipped_gallery(address or f"sqlite:///{folder}/home/identity.db")
    with identity.open_home(home=folder / "home", database=address) as home:
        home.create_gallery(NUMERALS, model="digits")
        home.create_gallery(ALBUM, model="pixels", detector="whole")
        gallery = home.open_gallery(NUMERALS)
        for digit in range(10):
            some = drawn[NUMERALS][digit * 16 : digit * 16 + 10]
            gallery.enroll(some, label=str(digit), calibration_fraction=0.5)
        gallery.calibrate(alpha=0.25)
        album = home.open_gallery(ALBUM)
        album.enroll([path for at, path in enumerate(drawn[ALBUM]) if at % 8 < 4])
        album.clusters.run(eps=EPS, full=True)


def without_the_shipped_gallery(address: str) -> None:
    """Make a database that had it once, as if it were deleted: its ten thousand samples would only take time."""
    from sqlalchemy import insert

    import identity.bootstrap
    from identity.store.opening import open_store
    from identity.store.tables import shipped

    packed = [path.stem for path in (identity.bootstrap.SHIPPED / "galleries").glob("*.npz")]
    store = open_store(address)
    with store._database.write() as connection:
        connection.execute(insert(shipped), [{"name": name, "installed_at": ""} for name in packed])
    store.close()


def observed(database: Database) -> State:
    """What every gallery holds; where a server is killed meanwhile, it is asked anew when it is there again."""
    while True:
        with suppress(*went(database)), reading(database) as select:
            galleries = select("SELECT name, id FROM gallery ORDER BY 1")
            return {name: _gallery(database, select, at) for name, at in galleries}


def _gallery(database: Database, select: Select, number: int) -> State:
    samples: dict[str, list[Any]] = {}
    twice = []
    for path, row, name, role, vector, crc, content, sample in select(SAMPLES, number):
        key = Path(path).name + ("" if row is None else f"[{row}]")
        twice += [key] if key in samples else []
        held = None if vector is None else little_endian(database, vector).hex()
        samples[key] = [name, role, held, crc, content.hex(), sample]
    rest = {part: _digest(select(sql, number)) for part, sql in REST.items()}
    facts = select("SELECT facts FROM calibration WHERE gallery_id = ?", number)
    runs = [run for (run,) in select("SELECT id FROM cluster_run WHERE gallery_id = ? ORDER BY 1", number)]
    return {"samples": samples, "rest": rest, "twice": twice, "facts": facts[0][0] if facts else "", "runs": runs}


def _digest(rows: list[tuple[Any, ...]]) -> str:
    plain = [[one.hex() if isinstance(one, bytes) else one for one in row] for row in rows]
    return hashlib.sha256(json.dumps(plain).encode()).hexdigest()[:16]


def identities(state: State) -> dict[str, dict[str, str | None]]:
    """Gallery -> picture -> identity: what the ledger alone can foresee."""
    return {name: {path: row[0] for path, row in gallery["samples"].items()} for name, gallery in state.items()}
