"""What a fresh process finds after a kill or a failure, by the program's own examination and by brute force."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from coded import files_of_codes
from crashing import checking, world
from crashing.world import ALBUM, NUMERALS, State

STEPS = 127  # of a code, on each side of 0


def after_the_kill(work: Path, found: State, removed: list[tuple[str, str, str]]) -> list[str]:
    """The examination, answers by brute force, no byte of the removed, and nothing changed by looking."""
    import identity

    wrong = []
    with identity.open_home(home=work / "home") as home:
        wrong += [f"doctor: {one.place}: {one.problem}" for one in home.examine() if not one.mended]
        for name in sorted(set(found) & {NUMERALS, ALBUM}):
            probes = sorted((work / "pictures").rglob(f"drawn-{name}-*0[37].png"))[:3]
            wrong += checking.brute_force(home.open_gallery(name), found[name]["samples"], probes)
    if world.observed(work / "home" / "identity.db") != found:
        wrong.append("looking changed the tables")
    wrong += codes_without_their_vectors(work / "home")
    return wrong + checking.leftovers(work / "home", found, removed)


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
