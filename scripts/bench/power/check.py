"""After a power cut: the program is started on what is left, and must find all that it ever acknowledged."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from identity import IdentityError, bootstrap
from power.state import State, state_of


def lay_out(content: Mapping[str, bytes | None], folder: Path) -> None:
    """Write files and folders, in place of what was there."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for path, found in content.items():
        if found is None:
            (folder / path).mkdir()
        else:
            (folder / path).write_bytes(found)


def problems(folder: Path, before: State, after: State) -> list[str]:
    """What is wrong with the disk `folder`, whose power went between two states; empty where nothing is."""
    try:
        return [*_unsound(folder / "home"), *_missing(state_of(folder), before, after), *_left_over(folder / "home")]
    except IdentityError as error:
        return [f"the program cannot start: {error}"]


def _unsound(home: Path) -> list[str]:
    """What `doctor` finds beyond a removal that was interrupted, which it finishes; the second time, nothing at all."""
    with bootstrap.open_home(home=home) as opened:
        findings = [one for one in opened.examine() if not one.mended] + list(opened.examine())
        found = [f"doctor: {one.place}: {one.problem}" for one in findings]
        opened.models.list()  # a model whose replacement was interrupted goes back
        for gallery in opened.store.galleries.list():
            with opened.open_gallery(gallery.name):
                pass
    return found


def _missing(now: State, before: State, after: State) -> list[str]:
    """Parts that are neither what they were when the last command ended nor what the next one made of them."""
    then, later = before.parts(), after.parts()
    return [
        f"{part} lost or half there" for part, found in now.parts().items() if found not in (then[part], later[part])
    ]


def _left_over(home: Path) -> list[str]:
    return [f"left behind: {path.name}" for path in home.rglob(".*")]
