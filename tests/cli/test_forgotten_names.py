"""Whoever is forgotten is named in no byte of the home: not in the paths of others, not in what was skipped."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from unicodedata import normalize

import pytest
from PIL import Image
from running import Ran, ran
from test_labels import stroke

NAME = "Zoë Quillfeather"
SPELLINGS = [NAME, normalize("NFD", NAME), NAME.upper(), "zoë_quillfeather"]
FOREIGN = os.fsdecode(NAME.encode("latin-1"))


@pytest.fixture
def run(new_home: Callable[[Path], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """A command in a folder with an album and a home of its own."""
    monkeypatch.chdir(tmp_path)
    return partial(ran, "--home", new_home(tmp_path / "home"))


def album() -> None:
    """The person in folders of every spelling, Ben beside; what shows nothing; somebody whose name is longer."""
    labels = []
    for number, spelling in enumerate(SPELLINGS):
        stroke(f"album/{spelling}/{number}.png", 3 + number)
        stroke(f"album/{spelling}/ben {number}.png", 13 + number)
        Image.new("L", (60, 60), 240 + number).save(f"album/{spelling}/blank.png")
        labels += [f"{spelling}/{number}.png,{NAME}", f"{spelling}/ben {number}.png,Ben"]
    stroke(f"album/{FOREIGN}/9.png", 20)
    stroke(f"album/Ben/{NAME} beside.png", 23)
    stroke(f"album/{NAME} Jr/25.png", 25)
    Path("album/people.csv").write_text("\n".join([*labels, f"{NAME} Jr/25.png,{NAME} Jr"]), "utf-8")


def spoken_of(home: Path) -> list[str]:
    """The spellings that stand in some file; the other person's name is not meant."""
    held = b"\0".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    held = held.replace(f"{NAME} Jr".encode(), b"")
    return [one for one in [*SPELLINGS, FOREIGN, "Quillfeather"] if os.fsencode(one) in held]


def test_the_name_is_in_no_file_of_the_home_and_what_shows_others_is_found_again(
    run: Callable[..., Ran], tmp_path: Path
) -> None:
    album()
    assert run("gallery", "create", "family", "--model", "digits").code == 0
    follow = ("sync", "album", "-g", "family", "--labels", "album/people.csv", "--json")
    assert run(*follow).document["gallery_samples"] == 11
    assert len(spoken_of(tmp_path / "home")) == len(SPELLINGS) + 2
    assert run("samples", "remove", "--identity", NAME, "-g", "family", "--yes").out == SAID
    assert spoken_of(tmp_path / "home") == []
    samples = run("samples", "list", "-g", "family", "--json").document["samples"]
    places = sorted(str(Path(one["source"]).relative_to(tmp_path / "album")) for one in samples)
    without = [f"(forgotten)/ben {number}.png" for number in range(4)]
    assert places == sorted(["(forgotten)/9.png", *without, "Ben/(forgotten).png", f"{NAME} Jr/25.png"])
    assert run("doctor", "--json").document["sound"]
    again = run(*follow).document
    assert (again["moved"], again["gone"], again["skipped"]) == (6, [], {"no ink: nothing to see in the image": 4})


SAID = "4 samples forgotten; in your photographs' files and .xmp files nothing was changed\n"
