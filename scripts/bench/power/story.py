"""The commands whose power is cut, each a process of its own under strace, and what was there after each of them."""

from __future__ import annotations

import hashlib
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from identity import bootstrap
from identity.zoo.manifest import dump, parse
from power import log
from power.first_home import make_first_home
from power.operations import Acknowledged, FolderMade, Opened, Operation, Synced, Written
from power.state import State, state_of

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = (
    "import sys, pathlib; from identity import bootstrap; bootstrap.SHIPPED = pathlib.Path(sys.argv.pop(1)); "
    "from identity.cli.main import run; run()"
)
CODED = f"import sys; sys.path.append({str(Path(__file__).parents[1])!r}); import coded; coded.search_by_codes(); "
PACKAGE = bootstrap.SHIPPED  # before a replay replaces it by one without a gallery
WATCHED = "disk"  # the folder whose power is cut


SHORT = (
    "gallery list",
    "gallery create kept",
    "enroll images -g kept --calibration-fraction 0.5",
    "models add first --name mine",
    "backup disk/copies/home.bak",
)
STORIES = {  # words that name something in the folder are paths
    "short": SHORT,
    "long": (
        *SHORT,
        "calibrate -g kept --alpha 0.2",
        "samples relabel 3 1 -g kept",
        "cluster -g kept --eps 0.3",
        "models add second --name mine",
        "enroll more -g kept",
        "backup disk/copies/home.bak",
        "samples remove --identity 1 -g kept --yes",
        "gallery create later",
        "gallery delete kept --yes",
        "restore disk/copies/home.bak --yes",
        "models remove mine",
    ),
    "upgrade": ("gallery list", "backup disk/copies/home.bak"),  # of a home whose schema is the first there was
}


@dataclass(frozen=True, slots=True)
class Story:
    """What was there at first, what was done, in order, and the state before the first command and after each."""

    folder: Path
    setting: Sequence[Operation]
    operations: Sequence[Operation]
    states: Sequence[State]

    @property
    def shipped(self) -> Path:
        """The package's model without its gallery."""
        return self.folder / "package"


def tell(name: str, folder: Path, *, codes: bool = False) -> Story:
    """Run a story's commands, through codes if so wanted. Raises `RuntimeError` where one does not end well."""
    disk = folder / WATCHED
    _prepare(folder)
    if name == "upgrade":
        make_first_home(disk / "home", package=folder / "package")
    setting, operations, states = list(_on_the_disk(disk)), [], [state_of(disk)]
    program = CODED + PROGRAM if codes else PROGRAM
    for place, command in enumerate(STORIES[name]):
        said = log.traced(_words(folder, program, command), log=folder / f"{place}.log")
        if said.returncode:
            raise RuntimeError(f"identity {command}: {said.stderr}")
        operations += [*log.operations(folder / f"{place}.log", disk), Acknowledged(command)]
        states.append(state_of(disk))
    return Story(folder, setting, operations, states)


def _on_the_disk(folder: Path) -> Iterator[Operation]:
    """What makes a disk that holds a folder's content, all of it safe."""
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_dir():
            yield FolderMade(name)
        else:
            yield from (Opened(name, create=True, empty=False), Written(name, 0, path.read_bytes()), Synced(name))
    for path in (folder, *folder.rglob("*/")):
        yield Synced(str(path.relative_to(folder)))


def _words(folder: Path, program: str, command: str) -> list[str]:
    home = folder / WATCHED / "home"
    words = [str(folder / word) if (folder / word.split("/")[0]).is_dir() else word for word in command.split()]
    return [sys.executable, "-c", program, str(folder / "package"), "--home", str(home), *words]


def _prepare(folder: Path) -> None:
    (folder / WATCHED / "copies").mkdir(parents=True)
    shutil.copytree(PACKAGE / "models", folder / "package" / "models")
    for seed, name in enumerate(("images", "more")):
        _draw(folder / name, count=40 if name == "images" else 12, seed=seed)
    for seed, name in enumerate(("first", "second")):
        _make_model(folder / name, seed=seed)


def _draw(folder: Path, *, count: int, seed: int) -> None:
    """Strokes of random places, in sub-folders by what they are called."""
    rng = np.random.default_rng(seed)
    for row in range(count):
        pixels = np.zeros((28, 28), np.uint8)
        left, top = rng.integers(6, 14, 2)
        pixels[top : top + 8, left : left + 3] = 250
        pixels[top : top + 3, left : left + int(rng.integers(4, 9))] = 200
        (folder / str(row % 2)).mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(folder / str(row % 2) / f"{row}.png")


def _make_model(folder: Path, *, seed: int) -> None:
    """The shipped network with one bit of one weight turned, a different one for each seed."""
    shipped = parse((PACKAGE / "models" / "digits" / "manifest.json").read_text(encoding="utf-8"))
    content = bytearray((PACKAGE / "models" / "digits" / shipped.file).read_bytes())
    content[len(content) // 2 + 4 * seed] ^= 1
    digest = hashlib.sha256(content).hexdigest()
    folder.mkdir()
    (folder / shipped.file).write_bytes(content)
    (folder / "manifest.json").write_text(dump(replace(shipped, sha256=digest, bytes=len(content), training=None)))
