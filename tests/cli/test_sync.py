"""A gallery follows a folder: new, moved and gone files, nothing read twice; an empty disk is no reason to forget."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from running import Ran
from test_labels import held, home, run, stroke  # noqa: F401 (fixtures)

import identity.imaging.sources as sources


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that are decoded from now on."""
    seen: list[str] = []
    usual = sources.read_file

    def counted(file, *rest):
        seen.append(file.path.name)
        return usual(file, *rest)

    monkeypatch.setattr(sources, "read_file", counted)
    return seen


def test_what_is_new_is_enrolled_and_what_is_unchanged_is_not_read(run: Callable[..., Ran], reads: list[str]) -> None:  # noqa: F811
    stroke("album/Anna/1.png", 5)
    stroke("album/Anna/2.png", 9)
    assert run("sync album", "--json").document["gallery_samples"] == 2
    stroke("album/Ben/3.png", 13)
    reads.clear()
    document = run("sync album", "--json").document
    assert (document["gallery_samples"], document["unchanged"], document["duplicates"]) == (1, 2, 0)
    assert reads == ["3.png"]
    stroke("album/Anna/1.png", 17)  # another picture in its place
    assert run("sync album", "--json").document["gallery_samples"] == 1


def test_what_moved_is_followed_and_named_without_being_gone(run: Callable[..., Ran]) -> None:  # noqa: F811
    stroke("album/1.png", 5)
    run("sync album")
    Path("album/Anna").mkdir()
    shutil.move("album/1.png", "album/Anna/1.png")
    document = run("sync album --forget-missing", "--json").document
    assert (document["moved"], document["named"], document["gone"], document["forgotten"]) == (1, 1, [], 0)
    assert held(run) == [("Anna", "album/Anna/1.png")]


def test_what_is_gone_is_listed_and_forgotten_only_when_told(run: Callable[..., Ran]) -> None:  # noqa: F811
    for number in (1, 2):
        stroke(f"album/Anna/{number}.png", 4 * number)
    run("enroll album")  # files that no sync has seen
    Path("album/Anna/1.png").unlink()
    answer = run("sync album")
    assert "gone: album/Anna/1.png" in answer.out
    assert "they stay in the gallery: --forget-missing" in answer.out
    assert len(held(run)) == 2
    assert run("sync album --forget-missing", "--json").document["forgotten"] == 1
    assert held(run) == [("Anna", "album/Anna/2.png")]
    assert run("sync album", "--json").document["gone"] == []


@pytest.mark.parametrize("there", [True, False])
def test_a_folder_that_is_empty_or_not_there_is_not_taken_for_all_gone(run: Callable[..., Ran], there: bool) -> None:  # noqa: F811
    stroke("album/Anna/1.png", 5)
    run("sync album")
    shutil.rmtree("album")
    if there:
        Path("album").mkdir()
    answer = run("sync album --forget-missing")
    assert (answer.code, len(held(run))) == (2, 1)
    assert "is empty or not there: mount its disk, or say --even-empty" in answer.err
    assert run("sync album --forget-missing --even-empty", "--json").document["forgotten"] == 1


def test_an_empty_folder_inside_may_be_a_disk_too(run: Callable[..., Ran]) -> None:  # noqa: F811
    stroke("album/disk/1.png", 5)
    stroke("album/Anna/2.png", 9)
    run("sync album")
    Path("album/disk/1.png").unlink()
    document = run("sync album --forget-missing", "--json").document
    assert (len(document["gone"]), document["doubtful"], document["forgotten"]) == (1, 1, 0)


def test_a_copy_keeps_the_sample_when_the_first_file_goes(run: Callable[..., Ran]) -> None:  # noqa: F811
    stroke("album/Anna/1.png", 5)
    shutil.copy("album/Anna/1.png", "album/Anna/2.png")
    run("sync album")
    Path("album/Anna/1.png").unlink()
    document = run("sync album --forget-missing", "--json").document
    assert (document["gone"], document["moved"]) == ([], 1)
    assert held(run) == [("Anna", "album/Anna/2.png")]


def test_labels_that_came_since_name_what_is_not_read_again(run: Callable[..., Ran], reads: list[str]) -> None:  # noqa: F811
    stroke("album/1.png", 5)
    run("sync album")
    reads.clear()
    Path("people.csv").write_text("album/1.png,Anna\n")
    assert run("sync album --labels people.csv", "--json").document["named"] == 1
    assert reads == []
