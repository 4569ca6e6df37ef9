"""`identity export xmp` and `identity import xmp` as people type them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from family import family_gallery
from PIL import Image
from running import Ran

from identity.core.types import Box

LEFT, RIGHT = Box(2, 2, 10, 12), Box(20, 3, 30, 14)


@pytest.fixture
def album(home: Path, tmp_path: Path) -> Path:
    """Two photographs and a third that is gone, in a gallery `family-NAME`."""
    for number in (1, 2):
        pixels = np.random.default_rng(number).integers(0, 255, (20, 40, 3)).astype(np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{number}.jpg", quality=100)
    here = {tmp_path / "1.jpg": {LEFT: "Anna", RIGHT: None}, tmp_path / "2.jpg": {LEFT: "Bert"}}
    family_gallery(home, {**here, tmp_path / "gone.jpg": {RIGHT: "Carla"}}, name=gallery_of(tmp_path))
    return tmp_path


def gallery_of(album: Path) -> str:
    return f"family-{album.name.replace('_', '-')}"


def test_a_dry_run_comes_first_and_says_how_to_go_on(run: Callable[..., Ran], album: Path) -> None:
    said = run("export", "xmp", "-g", gallery_of(album))
    assert said.code == 6
    assert said.out.splitlines() == [
        f"{album / '1.jpg.xmp'}: Anna",
        f"{album / '2.jpg.xmp'}: Bert",
        "would be written: 2 sidecars, 0 photographs' files; nothing was written: choose --sidecars or "
        "--write-into-files",
    ]
    assert said.err == f"identity: {album / 'gone.jpg'}: the file is gone: enroll it where it is now\n"
    assert sorted(path.name for path in album.iterdir()) == ["1.jpg", "2.jpg"]


def test_names_go_into_files_and_come_out_as_names_of_another_gallery(
    run: Callable[..., Ran], album: Path, home: Path
) -> None:
    written = run("export", "xmp", "-g", gallery_of(album), "--write-into-files", "--no-originals", "--json").document
    assert (written["written"], written["files"], written["sidecars"], written["failed"]) == (True, 2, 0, 1)
    assert sorted(path.name for path in album.iterdir()) == ["1.jpg", "2.jpg"]
    other = f"other-{gallery_of(album)}"
    family_gallery(home, {album / "1.jpg": {Box(3, 2, 11, 12): None}, album / "2.jpg": {RIGHT: None}}, name=other)
    said = run("import", "xmp", album, "-g", other)
    assert said.out.splitlines()[-1].startswith("1 faces named; 0 were named so already, 0 conflicts, 1 without a face")
    assert said.err == f"identity: {album / '2.jpg'} names 'Bert' where no face is stored: left out\n"
    assert [one["identity"] for one in run("samples", "list", "-g", other, "--json").document["samples"]] == [
        "Anna", None,
    ]  # fmt: skip
    again = run("import", "xmp", album, "-g", gallery_of(album), "--json").document
    assert (again["named"], again["known"], again["conflicts"]) == (0, 2, 0)


def test_conflicts_are_lines_of_their_own(run: Callable[..., Ran], album: Path) -> None:
    gallery = gallery_of(album)
    run("export", "xmp", "-g", gallery, "--sidecars")
    sidecar = album / "1.jpg.xmp"
    theirs = sidecar.read_bytes().replace(b">Anna<", b">Ana<").replace(b"identity:gallery", b"identity:other")
    sidecar.write_bytes(theirs)
    out = run("export", "xmp", "-g", gallery, "--sidecars")
    into = run("import", "xmp", album, "-g", gallery, "--dry-run")
    assert "calls sample" in out.err
    assert "'Ana', the gallery 'Anna': the file keeps its name, correct one of them\n" in out.err
    assert "'Ana', which is 'Anna' here: left as it is" in into.err
    assert "would be named" in into.out


def test_what_cannot_be_meant_is_one_line(run: Callable[..., Ran], album: Path) -> None:
    for arguments, code, why in (
        (("export", "xmp", "-g", "digits"), 2, "shows no faces"),
        (("export", "xmp", "-g", gallery_of(album), "--sidecars", "--write-into-files"), 2, "choose"),
        (("export", "xmp", "-g", "nobody"), 1, "no gallery"),
        (("import", "xmp", album / "nothing", "-g", gallery_of(album)), 1, "no file or folder"),
        (("import", "xmp", album, "-g", "digits"), 2, "shows no faces"),
    ):
        said = run(*arguments)
        assert (said.code, said.err.count("\n"), said.out) == (code, 1, ""), arguments
        assert why in said.err
