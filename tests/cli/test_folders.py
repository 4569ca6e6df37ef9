"""Claims about folders of photographs: other files are counted and named, links followed once, odd names shown."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from running import Ran, ran

from identity.imaging.formats import extensions


@pytest.fixture(scope="module")
def home(new_home: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return new_home(tmp_path_factory.mktemp("folders") / "home")


@pytest.fixture
def enrolled(home: Path, tmp_path: Path) -> Callable[..., Ran]:
    """`identity enroll` into an empty gallery of the test's own."""
    gallery = f"of {tmp_path.name}"[-60:]
    assert ran("--home", home, "gallery", "create", gallery).code == 0
    return lambda *arguments: ran("--home", home, "enroll", "-g", gallery, *arguments)


def stroke(path: Path | bytes, slant: int = 10) -> None:
    picture = Image.new("L", (60, 60), 255)
    ImageDraw.Draw(picture).line([(30 - slant, 10), (30 + slant, 50)], fill=0, width=6)
    name = Path(os.fsdecode(path))
    name.parent.mkdir(parents=True, exist_ok=True)
    with name.open("wb") as file:
        picture.save(file, "PNG")


def test_files_that_look_like_pictures_are_counted_and_named(enrolled: Callable[..., Ran], tmp_path: Path) -> None:
    folder = tmp_path / "phone"
    stroke(folder / "Ada" / "one.png")
    for name in ("IMG_1.MOV", "IMG_2.mov", "a.cr2", "b.psd", ".hidden.mov", "notes.txt"):
        (folder / "Ada" / name).write_bytes(b"something")
    answer = enrolled(folder)
    assert (answer.code, answer.err) == (0, "")
    assert "2 .mov not read: a video; of a Live Photo the still beside it is read" in answer.out
    assert "1 .cr2 not read: a camera's raw file: export it as JPEG" in answer.out
    document = enrolled(folder, "--json").document
    assert {(one["ending"], one["files"]) for one in document["unread"]} == {(".mov", 2), (".cr2", 1), (".psd", 1)}
    assert all(one["reason"] for one in document["unread"])


def test_a_folder_of_nothing_else_says_what_it_holds(enrolled: Callable[..., Ran], tmp_path: Path) -> None:
    (tmp_path / "videos").mkdir()
    (tmp_path / "videos" / "a.mp4").write_bytes(b"")
    answer = enrolled(tmp_path / "videos")
    assert (answer.code, answer.err.count("\n")) == (1, 1)
    assert "holds no image" in answer.err
    assert "1 .mp4 not read: a video" in answer.err


def test_a_video_that_is_named_itself_says_what_it_is(enrolled: Callable[..., Ran], tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"\0\0\0\x18ftypmp42")
    answer = enrolled(tmp_path / "a.mp4")
    assert answer.code == 6
    assert "a.mp4 is not an image that can be read: a video" in answer.err


@pytest.mark.skipif(".heic" in extensions(), reason="the extra 'heic' is installed")
def test_without_its_extra_heic_is_named_with_the_cure(enrolled: Callable[..., Ran], tmp_path: Path) -> None:
    stroke(tmp_path / "phone" / "one.png")
    heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"
    for name in ("IMG_1.HEIC", "IMG_1.MOV", "IMG_2.heic"):
        (tmp_path / "phone" / name).write_bytes(heic)
    answer = enrolled(tmp_path / "phone")
    assert "2 .heic not read: pip install 'identity-search[heic]'" in answer.out
    assert "1 .mov not read" in answer.out
    (tmp_path / "renamed.jpg").write_bytes(heic)
    for path in (tmp_path / "phone" / "IMG_1.HEIC", tmp_path / "renamed.jpg"):
        assert "pip install 'identity-search[heic]'" in enrolled(path).err


def test_a_name_in_latin_1_is_enrolled_and_shown_escaped_by_the_program(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"Ren\xe9")
    stroke(os.fsencode(folder) + b"/caf\xe9.png")
    (folder / os.fsdecode(b"kapu\xdf.png")).write_bytes(b"no image")
    (folder / os.fsdecode(b"caf\xe9.mov")).write_bytes(b"")
    ran("--home", home, "gallery", "create", "latin")
    environment = os.environ | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    for options in ([], ["--json"]):
        command = [sys.executable, "-m", "identity", "--home", home, "enroll", "-g", "latin", *options, tmp_path]
        made = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        assert (made.returncode, made.stderr.count("\n")) == (6, 1)
        assert "kapu\\xdf.png is not an image" in made.stderr
    listed = ran("--home", home, "samples", "list", "-g", "latin").out
    assert "Ren\\xe9" in listed
    assert "caf\\xe9.png" in listed


@pytest.mark.parametrize("name", ["x" * 5000, "x/" * 3000 + "y"])
def test_a_path_that_is_too_long_is_one_line(enrolled: Callable[..., Ran], name: str) -> None:
    answer = enrolled(name)
    assert (answer.code, answer.err.count("\n")) == (1, 1)
    assert "there is no file or folder" in answer.err


@pytest.mark.parametrize("command", [["enroll"], ["query"], ["verify", "x.png"], ["evaluate", "--known"]])
@pytest.mark.parametrize("empty", ["", " "])
def test_an_empty_path_is_refused_and_never_means_the_folder_one_is_in(
    home: Path, command: list[str], empty: str
) -> None:
    answer = ran("--home", home, *command, empty)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == "identity: a path is empty: name a file or folder, or '.' for the folder you are in\n"


def test_linked_folders_are_followed_once_and_loops_end(enrolled: Callable[..., Ran], tmp_path: Path) -> None:
    album, elsewhere = tmp_path / "album", tmp_path / "elsewhere"
    stroke(album / "Zoe" / "one.png", 3)
    stroke(elsewhere / "deep" / "two.png", 12)
    (album / "Ada").symlink_to(elsewhere)
    (album / "again").symlink_to(elsewhere / "deep")
    (album / "loop").symlink_to(album)
    (elsewhere / "up").symlink_to(album)
    (album / "Favourites").mkdir()
    (album / "Favourites" / "one.png").symlink_to(album / "Zoe" / "one.png")
    (album / "broken").symlink_to("broken")
    document = enrolled(album, album, tmp_path / "album" / "Zoe", "--json").document
    assert (document["images"], document["gallery_samples"], document["duplicates"]) == (2, 2, 0)


def test_a_file_keeps_the_label_of_its_own_folder_beside_a_link_to_it(home: Path, tmp_path: Path) -> None:
    stroke(tmp_path / "Zoe" / "one.png", 5)
    (tmp_path / "Ada").mkdir()
    (tmp_path / "Ada" / "one.png").symlink_to(tmp_path / "Zoe" / "one.png")
    ran("--home", home, "gallery", "create", "linked")
    ran("--home", home, "enroll", "-g", "linked", tmp_path)
    samples = ran("--home", home, "samples", "list", "-g", "linked", "--json").document["samples"]
    assert [one["identity"] for one in samples] == ["Zoe"]


def test_a_large_photograph_has_its_full_size_and_counts_once_whatever_its_comment(home: Path, tmp_path: Path) -> None:
    picture = Image.new("L", (3400, 1700), 255)
    ImageDraw.Draw(picture).line([(1500, 200), (1900, 1500)], fill=0, width=120)
    picture.save(tmp_path / "a.jpg")
    picture.save(tmp_path / "b.jpg", comment=b"another comment, the same photograph")
    ran("--home", home, "gallery", "create", "large")
    assert ran("--home", home, "enroll", "-g", "large", tmp_path, "--json").document["duplicates"] == 1
    answer = ran("--home", home, "query", tmp_path / "a.jpg", "--json").document["probes"][0]
    assert answer["regions"][0]["box"] == [0, 0, 3400, 1700]
