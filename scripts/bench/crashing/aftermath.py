"""What a fresh process finds after a kill or a failure, by the program's own examination and by brute force."""

from __future__ import annotations

from pathlib import Path

from crashing import checking, world
from crashing.world import ALBUM, NUMERALS, State


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
    return wrong + checking.leftovers(work / "home", found, removed)
