"""Whose name a photograph bears: folders, a file of labels, or nobody; what came since is said and nothing is lost."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from running import Ran, ran


@pytest.fixture(scope="module")
def home(new_home: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return new_home(tmp_path_factory.mktemp("labels") / "home")


@pytest.fixture
def run(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """A command upon an empty gallery of the test's own; one is in a folder with its pictures."""
    monkeypatch.chdir(tmp_path)
    assert ran("--home", home, "gallery", "create", tmp_path.name).code == 0
    return lambda command, *arguments: ran("--home", home, *command.split(), "-g", tmp_path.name, *arguments)


def stroke(path: str, slant: int) -> None:
    picture = Image.new("L", (60, 60), 255)
    ImageDraw.Draw(picture).line([(30 - slant, 10), (30 + slant, 50)], fill=0, width=6)
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    picture.save(path)


def held(run: Callable[..., Ran]) -> list[tuple[str | None, str]]:
    """Identity and place of every sample."""
    samples = run("samples list", "--json").document["samples"]
    return [(one["identity"], str(Path(one["source"]).relative_to(Path.cwd()))) for one in samples]


def test_without_labels_nobody_is_named(run: Callable[..., Ran]) -> None:
    stroke("album/Anna/1.png", 5)
    assert run("enroll album --labels none").code == 0
    assert held(run) == [(None, "album/Anna/1.png")]


def test_a_csv_file_names_images_by_paths_beside_it_and_tells_of_rows_without_one(run: Callable[..., Ran]) -> None:
    for number, name in enumerate(("Mu\u0308ller.png", "b.png", "c.png")):
        stroke(f"album/{name}", 3 * number)
    Path("album/people.csv").write_text("path,label\nM\u00fcller.png,Anna\nb.png,\nlost.png,Ben\n")
    answer = run("enroll album --labels album/people.csv")
    assert "1 labels are of no image that was read: lost.png" in answer.out
    assert sorted(held(run), key=str) == [
        ("Anna", "album/Mu\u0308ller.png"), (None, "album/b.png"), (None, "album/c.png"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "said"),
    [("b.png\n", "line 1 is not a path and a label"), ("b.png,Anna\nb.png,Ben\n", "line 2: 'b.png' has another label")],
)
def test_a_row_that_is_none_is_refused_with_its_line(run: Callable[..., Ran], rows: str, said: str) -> None:
    stroke("album/b.png", 5)
    Path("people.csv").write_text(rows)
    answer = run("enroll album --labels people.csv")
    assert (answer.code, held(run)) == (2, [])
    assert said in answer.err


def test_labels_that_are_neither_a_word_nor_a_file_are_refused(run: Callable[..., Ran]) -> None:
    stroke("album/b.png", 5)
    answer = run("enroll album --labels folder")
    assert (answer.code, answer.out) == (2, "")
    assert "there is no file of labels 'folder': say folders, none" in answer.err
    assert run("enroll album --labels none --as Anna").code == 2


def test_an_image_put_into_a_persons_folder_later_gets_the_name_and_its_new_place(run: Callable[..., Ran]) -> None:
    stroke("album/1.png", 5)
    run("enroll album")
    Path("album/Anna").mkdir()
    shutil.move("album/1.png", "album/Anna/1.png")
    answer = run("enroll album")
    assert {"1 named since", "1 moved since, and were followed"} <= set(answer.out.splitlines())
    assert held(run) == [("Anna", "album/Anna/1.png")]
    again = run("enroll album", "--json").document
    assert (again["named"], again["moved"], again["duplicates"], again["conflicts"]) == (0, 0, 1, [])


def test_a_copy_leaves_the_place_and_another_label_is_listed_and_changes_nothing(run: Callable[..., Ran]) -> None:
    stroke("album/Anna/1.png", 5)
    run("enroll album")
    Path("album/Ben").mkdir()
    shutil.copy("album/Anna/1.png", "album/Ben/2.png")
    answer = run("enroll album")
    said = "album/Ben/2.png is labelled 'Ben', but is called 'Anna' and stays so: 'identity samples relabel"
    assert said in answer.out
    (conflict,) = run("enroll album", "--json").document["conflicts"]
    assert (conflict["label"], conflict["identity"]) == ("Ben", "Anna")
    assert held(run) == [("Anna", "album/Anna/1.png")]


def test_two_labels_of_one_content_in_one_run_are_a_conflict(run: Callable[..., Ran]) -> None:
    stroke("album/Anna/1.png", 5)
    stroke("album/Ben/1.png", 5)
    document = run("enroll album", "--json").document
    assert (document["gallery_samples"], [one["label"] for one in document["conflicts"]]) == (1, ["Ben"])


def test_places_are_kept_absolute_and_shown_from_where_one_is(run: Callable[..., Ran], tmp_path: Path) -> None:
    stroke("album/Anna/1.png", 5)
    run("enroll album")
    (sample,) = run("samples list", "--json").document["samples"]
    assert sample["source"] == str(tmp_path / "album/Anna/1.png")
    shown = run("samples list").out
    assert "album/Anna/1.png" in shown
    assert str(tmp_path) not in shown


def test_digits_are_labelled_by_folders_that_would_be_dates(run: Callable[..., Ran]) -> None:
    stroke("album/2019/1.png", 5)
    assert run("enroll album").code == 0
    assert held(run) == [("2019", "album/2019/1.png")]
