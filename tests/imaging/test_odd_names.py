"""Names that no text can hold are kept as bytes and shown escaped; pipes, loops and folders make no reader wait."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PIL import Image

from identity.core.errors import NotFoundError, UnreadableImageError
from identity.core.shown import bytes_of_name, shown_name, visible
from identity.imaging.reader import read_image
from identity.imaging.sources import read_sources


def drawn(folder: Path, name: bytes) -> bytes:
    path = folder / os.fsdecode(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        Image.new("L", (8, 8), len(name)).save(file, "PNG")
    return os.fsencode(path)


def test_bytes_that_are_no_text_are_kept_and_shown_escaped(tmp_path: Path) -> None:
    path = drawn(tmp_path, b"Ren\xe9/caf\xe9.png")
    (image,) = read_sources([tmp_path])
    assert (image.path_bytes, image.error) == (path, None)
    assert image.path == f"{tmp_path}/Ren\\xe9/caf\\xe9.png"
    assert image.label == "Ren\\xe9"


def test_names_that_differ_never_become_one_label(tmp_path: Path) -> None:
    names = [b"caf\xe9", rb"caf\xe9", rb"caf\\xe9", b"caf\xc3\xa9", b"caf\\\xe9", rb"caf\\\xe9"]
    shown = [shown_name(os.fsdecode(name)) for name in names]
    assert len(set(shown)) == len(names)
    assert all(text.encode().decode() == text for text in shown)


@pytest.mark.parametrize("name", ["Ada Lovelace", "Zoë", "a\\b", "newline\n", "-dash", "\u202eabc", "n" * 250])
def test_a_name_that_is_text_stays_as_it_is(name: str) -> None:
    assert (shown_name(name), bytes_of_name(name)) == (name, None)


def test_what_moves_the_cursor_or_turns_the_line_is_visible() -> None:
    assert visible("a\nb \x1b[31m \u202eabc é \udce9") == "a\\nb \\x1b[31m \\u202eabc é \\xe9"


def test_pipes_loops_and_folders_named_like_pictures_are_passed_over(tmp_path: Path) -> None:
    drawn(tmp_path, b"x.png/whole.png")
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "itself.png").symlink_to("itself.png")
    assert [image.label for image in read_sources([tmp_path])] == ["x.png"]


def test_a_pipe_or_a_file_that_is_gone_is_one_line(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(NotFoundError, match="pipe or a device"):
        list(read_sources([tmp_path / "pipe.png"]))
    with pytest.raises(UnreadableImageError, match="pipe, device or folder"):
        read_image(tmp_path / "pipe.png")  # it took a file's place after it was listed
    with pytest.raises(UnreadableImageError, match="cannot be read"):
        read_image(tmp_path / "gone.png")


def test_a_folder_that_cannot_be_searched_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn(tmp_path, b"a/whole.png")
    (tmp_path / "closed").mkdir()
    scandir = os.scandir

    def scan(path):  # the tests may run as a user whom nothing is closed to
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", scan)
    whole, closed = read_sources([tmp_path])
    assert whole.error is None
    assert closed.error is not None
    assert "cannot be searched (Permission denied)" in closed.error
