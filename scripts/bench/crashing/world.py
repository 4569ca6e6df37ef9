"""The home that is killed: two galleries of drawn pictures, one by the shipped network and one by a tiny one.

`observed` reads what a home holds with plain SQL and nothing of the program.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests" / "homes"))

State = dict[str, Any]  # gallery -> {"samples": {path: [identity, role, crc32 or more]}, "rest": digest}
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


def build(folder: Path) -> None:
    """Write pictures, networks and the home that every round begins from."""
    import network

    import identity

    drawn = lay_out(folder / "pictures")
    network.write(folder / "network")
    identity.open_models(home=folder / "home").add(folder / "network")
    without_the_shipped_gallery(folder / "home")
    with identity.open_home(home=folder / "home") as home:
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


def without_the_shipped_gallery(home: Path) -> None:
    """Make a database that had it once, as if it were deleted: its ten thousand samples would only take time."""
    import identity.bootstrap
    from identity.store.opening import open_store

    open_store(f"sqlite:///{home / 'identity.db'}").close()
    packed = [(path.stem, "") for path in (identity.bootstrap.SHIPPED / "galleries").glob("*.npz")]
    with closing(sqlite3.connect(home / "identity.db")) as connection, connection:
        connection.executemany("INSERT INTO shipped VALUES (?, ?)", packed)


def observed(database: Path) -> State:
    """What every gallery holds."""
    with closing(sqlite3.connect(database, timeout=20, isolation_level=None)) as connection:
        connection.execute("BEGIN")
        galleries = connection.execute("SELECT name, id FROM gallery ORDER BY name").fetchall()
        return {name: _gallery(connection, number) for name, number in galleries}


def _gallery(connection: sqlite3.Connection, number: int) -> State:
    samples = {
        Path(path).name + ("" if row is None else f"[{row}]"): [
            name,
            role,
            None if vector is None else vector.hex(),
            crc,
            content.hex(),
            sample,
        ]
        for path, row, name, role, vector, crc, content, sample in connection.execute(SAMPLES, (number,))
    }
    rest = {part: _digest(connection.execute(select, (number,)).fetchall()) for part, select in REST.items()}
    return {"samples": samples, "rest": rest}


def _digest(rows: list[tuple[Any, ...]]) -> str:
    plain = [[one.hex() if isinstance(one, bytes) else one for one in row] for row in rows]
    return hashlib.sha256(json.dumps(plain).encode()).hexdigest()[:16]


def identities(state: State) -> dict[str, dict[str, str | None]]:
    """Gallery -> picture -> identity: what the ledger alone can foresee."""
    return {name: {path: row[0] for path, row in gallery["samples"].items()} for name, gallery in state.items()}
