"""What a fresh process finds after a kill or a failure, by the program's own examination and by brute force."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
from coded import files_of_codes
from crashing import checking, world
from crashing.world import ALBUM, NUMERALS, State

PICTURE = re.compile(rb"drawn-(?:numerals|album)-\d{4}\.png")
K = 3
STEPS = 127  # of a code, on each side of 0


def after_the_kill(
    work: Path, found: State, removed: list[tuple[str, str, str]], *,
    address: str | None = None, workers: str | None = None,
) -> list[str]:
    """The examination, answers by brute force, no byte of the removed, and nothing changed by looking."""
    import identity

    wrong = []
    with identity.open_home(home=work / "home", database=address, search_on=workers) as home:
        wrong += [f"doctor: {one.place}: {one.problem}" for one in home.examine() if not one.mended]
        for name in sorted(set(found) & {NUMERALS, ALBUM}):
            probes = sorted((work / "pictures").rglob(f"drawn-{name}-*0[37].png"))[:3]
            wrong += brute_force(home.open_gallery(name), found[name]["samples"], probes)
    now = world.observed(address or work / "home" / "identity.db")
    if now != found:
        wrong += [f"looking changed {name}: {checking.apart_of(name, found, now)}" for name in {*found, *now}]
    wrong += codes_without_their_vectors(work / "home")
    return wrong + leftovers(work / "home", found, removed)


def codes_without_their_vectors(home: Path) -> list[str]:
    """Codes beside no index file, or of other vectors than it holds: removed samples would stay in them unseen."""
    import faiss

    wrong = []
    for path in files_of_codes(home):
        beside = path.with_suffix(".faiss")
        if not beside.exists():
            wrong.append(f"{path.name} lies beside no index file")
            continue
        vectors, codes = (faiss.read_index(str(one)).reconstruct_n() for one in (beside, path))
        steps = np.abs(vectors).max(axis=0, initial=0) / STEPS
        if vectors.shape != codes.shape or (np.abs(vectors - codes * steps) > steps).any():
            wrong.append(f"{path.name} holds other samples than the index file beside it")
    return wrong


def leftovers(home: Path, found: State, removed: list[tuple[str, str, str]]) -> list[str]:
    """Bytes of removed samples in any file of the home: path, content hash, vector."""
    held = {path.encode() for gallery in found.values() for path in gallery["samples"]}
    wrong = []
    for file in sorted(path for path in home.rglob("*") if path.is_file() and "models" not in path.parts):
        content = file.read_bytes()
        wrong += [f"{one.decode()} was removed and is in {file.name}" for one in set(PICTURE.findall(content)) - held]
        for path, vector, sha in removed:
            middle = bytes.fromhex(vector)[16:80]
            if middle in content or bytes.fromhex(sha) in content:
                wrong.append(f"vector or hash of {path} was removed and is in {file.name}")
    return wrong[:6]


def brute_force(gallery: Any, rows: dict[str, Any], probes: list[Path]) -> list[str]:
    """Answers of the program against distances to every vector of the table, computed here."""
    searched = {row[5]: np.frombuffer(bytes.fromhex(row[2]), "<f4") for row in rows.values() if row[1] == "gallery"}
    if not searched:
        return []
    ids, table = list(searched), np.stack(list(searched.values())).astype(np.float64)
    wrong = []
    for answer in gallery.query(probes, k=K):
        (region,) = answer.regions
        (part,) = gallery.pipeline.describe(list(gallery.read([answer.image.path])))[0]
        distances = dict(zip(ids, 1 - table @ part.vector.astype(np.float64), strict=True))
        said = {match.sample: match.distance for match in region.matches}
        real = sorted(distances.values())[: len(said)]
        if len(said) < min(K, len(ids)) or not np.allclose(sorted(said.values()), real, atol=1e-5):
            wrong.append(f"query of {answer.image.path}: said {sorted(said.values())}, brute force {real}")
        wrong += [f"query named sample {one}" for one in said if abs(said[one] - distances.get(one, 9)) > 1e-5]
        names = {row[5]: row[0] for row in rows.values()}
        if region.verdict.value == "known" and region.identity not in {names[one] for one in ids}:
            wrong.append(f"known as {region.identity}, whom the table does not have")
    return wrong
