"""The commands whose power is cut, each a process of its own under strace, and what was there after each of them."""

from __future__ import annotations

import hashlib
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from identity import bootstrap
from identity.zoo.manifest import dump, parse
from power import log
from power.operations import Acknowledged, Operation
from power.state import State, state_of

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = (
    "import sys, pathlib; from identity import bootstrap; bootstrap.SHIPPED = pathlib.Path(sys.argv.pop(1)); "
    "from identity.cli.main import run; run()"
)
WATCHED = "disk"  # the folder whose power is cut
COPIES = "copies"  # in it, there from the start: where backups go


@dataclass(frozen=True, slots=True)
class Story:
    """What was done, in order, and what was there before the first command and after each."""

    folder: Path
    operations: Sequence[Operation]
    states: Sequence[State]

    @property
    def shipped(self) -> Path:
        """The package's model without its gallery."""
        return self.folder / "package"


def commands(folder: Path) -> list[str]:
    """Every verb that says that something is written; words are relative to `folder`."""
    more = ["calibrate -g kept --alpha 0.2", "samples relabel 3 1 -g kept", "cluster -g kept --eps 0.3"]
    again = ["models add second --name mine", "enroll more -g kept", "backup disk/copies/home.bak"]
    last = ["gallery delete kept --yes", "restore disk/copies/home.bak --yes", "models remove mine"]
    forgotten = ["samples remove --identity 1 -g kept --yes", "gallery create later"]
    return [*short_commands(folder), *more, *again, *forgotten, *last]


def short_commands(_folder: Path) -> list[str]:
    """The first start, an enrolment, a backup and a model."""
    first = ["gallery list", "gallery create kept", "enroll images -g kept --calibration-fraction 0.5"]
    return [*first, "models add first --name mine", "backup disk/copies/home.bak"]


def tell(folder: Path, wanted: Sequence[str]) -> Story:
    """Run the commands. Raises `RuntimeError` where one does not end well, or the log does not say what it did."""
    _prepare(folder)
    operations: list[Operation] = []
    states = [state_of(folder / WATCHED)]
    for place, command in enumerate(wanted):
        said = log.traced(_words(folder, command), log=folder / f"{place}.log")
        if said.returncode:
            raise RuntimeError(f"identity {command}: {said.stderr}")
        operations += [*log.operations(folder / f"{place}.log", folder / WATCHED), Acknowledged(command)]
        states.append(state_of(folder / WATCHED))
    return Story(folder, operations, states)


def _words(folder: Path, command: str) -> list[str]:
    home = folder / WATCHED / "home"
    words = [str(folder / word) if (folder / word.split("/")[0]).is_dir() else word for word in command.split()]
    return [sys.executable, "-c", PROGRAM, str(folder / "package"), "--home", str(home), *words]


def _prepare(folder: Path) -> None:
    (folder / WATCHED / COPIES).mkdir(parents=True)
    shutil.copytree(bootstrap.SHIPPED / "models", folder / "package" / "models")
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
    content = np.random.default_rng(seed).bytes(20_000)
    shipped = parse((bootstrap.SHIPPED / "models" / "digits" / "manifest.json").read_text(encoding="utf-8"))
    digest = hashlib.sha256(content).hexdigest()
    folder.mkdir()
    (folder / shipped.file).write_bytes(content)
    (folder / "manifest.json").write_text(dump(replace(shipped, sha256=digest, bytes=len(content), training=None)))
