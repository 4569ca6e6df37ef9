"""Doctor, backup and restore: what was written is what is read, years later too."""

from __future__ import annotations

import json
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from identity.cli.main import main
from identity.indexes.snapshot import FOOTER_BYTES

Identity = Callable[..., tuple[int, str, str]]


def ran(home: Path, *arguments: object) -> int:
    try:
        main(["--home", str(home), *map(str, arguments)])
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def digits(folder: Path, *, count: int) -> Path:
    """Strokes of random places, in sub-folders by what they are called."""
    rng = np.random.default_rng(0)
    for row in range(count):
        pixels = np.zeros((28, 28), np.uint8)
        left, top = rng.integers(6, 14, 2)
        pixels[top : top + 8, left : left + 3] = 250
        pixels[top : top + 3, left : left + int(rng.integers(4, 9))] = 200
        (folder / str(row % 2)).mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(folder / str(row % 2) / f"{row}.png")
    return folder


@pytest.fixture(scope="module", autouse=True)
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The package's model without its gallery, which takes seconds to install and to check."""
    from identity import bootstrap

    folder = tmp_path_factory.mktemp("package")
    shutil.copytree(bootstrap.SHIPPED / "models", folder / "models")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bootstrap, "SHIPPED", folder)
        yield


@pytest.fixture(scope="module")
def made(package: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one small gallery, its index file written."""
    home = tmp_path_factory.mktemp("kept") / "home"
    ran(home, "gallery", "create", "kept")
    ran(home, "enroll", digits(tmp_path_factory.mktemp("images"), count=24), "-g", "kept")
    ran(home, "samples", "remove", 1, "-g", "kept", "--yes")
    return home


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def identity(home: Path, capsys: pytest.CaptureFixture[str]) -> Identity:
    def run(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = ran(home, *arguments)
        return (code, *capsys.readouterr())

    return run


def execute(home: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(home / "identity.db")) as connection, connection:
        connection.execute(statement, values)


def test_what_is_as_it_was_written_is_called_sound(identity: Identity) -> None:
    code, out, _ = identity("doctor", "--json")
    assert (code, json.loads(out)) == (0, {"schema": "identity.doctor/1", "sound": True, "findings": []})
    assert identity("doctor")[1] == "everything is as it was written\n"


def test_one_flipped_bit_of_a_vector_is_found_and_named(home: Path, identity: Identity) -> None:
    with closing(sqlite3.connect(home / "identity.db")) as connection:
        (vector,) = connection.execute("SELECT vector FROM vector WHERE sample_id = 7").fetchone()
    execute(home, "UPDATE vector SET vector = ? WHERE sample_id = 7", bytes([vector[0] ^ 1]) + vector[1:])
    assert "the vectors of 1 samples are damaged: 7: restore a backup" in identity("doctor")[1]
    assert identity("samples", "remove", 7, "-g", "kept", "--yes")[0] == 0
    assert identity("doctor")[0] == 0


def test_a_sample_without_a_vector_is_found(home: Path, identity: Identity) -> None:
    execute(home, "DELETE FROM vector WHERE sample_id = 9")
    code, out, _ = identity("doctor", "--json")
    assert code == 1
    rows, vectors = (found["problem"] for found in json.loads(out)["findings"])
    assert rows == "rows of its samples are not those that were written"
    assert vectors == "the vectors of 1 samples are damaged: 9"
    identity("samples", "remove", 9, "-g", "kept", "--yes")
    assert identity("doctor")[0] == 1
    assert identity("doctor", "--accept")[0] == 0
    assert identity("doctor")[1] == "everything is as it was written\n"


@pytest.mark.parametrize("place", ["a vector", "an id", "cut off"])
def test_an_index_file_that_differs_from_the_table_is_found_and_rebuilt_on_request(
    home: Path, identity: Identity, place: str
) -> None:
    (file,) = (home / "indexes").glob("*.faiss")
    content = bytearray(file.read_bytes())
    if place == "cut off":
        file.write_bytes(content[:-100])
    else:
        content[200 if place == "a vector" else json.loads(content[-FOOTER_BYTES:])["start"]] ^= 1
        file.write_bytes(content)
    code, out, _ = identity("doctor")
    assert code == 1
    assert "gallery 'kept': its index file is wrong" in out
    assert identity("doctor", "--rebuild")[1].strip().endswith("mended")
    assert identity("doctor")[0] == 0


def test_a_deleted_index_file_is_no_finding(home: Path, identity: Identity) -> None:
    next((home / "indexes").glob("*.faiss")).unlink()
    assert identity("doctor")[0] == 0


def test_a_model_whose_file_changed_is_found_with_the_galleries_that_need_it(home: Path, identity: Identity) -> None:
    from identity.bootstrap import SHIPPED

    shutil.copytree(SHIPPED / "models" / "digits", home / "models" / "digits")
    with (home / "models" / "digits" / "model.onnx").open("r+b") as file:
        file.seek(5000)
        file.write(b"rot")
    code, out, _ = identity("doctor")
    assert code == 1
    assert [line.split(":")[0] for line in out.splitlines()] == ["model 'digits'", "gallery 'kept'"]


def test_a_restored_backup_brings_back_who_was_removed_and_forgets_who_came_later(
    home: Path, identity: Identity, tmp_path: Path
) -> None:
    kept = tmp_path / "säkert.bak"
    assert identity("backup", kept)[0] == 0
    assert kept.stat().st_mode & 0o777 == 0o600
    before = identity("samples", "list", "-g", "kept", "--json")[1]
    identity("samples", "remove", "--identity", "1", "-g", "kept", "--yes")
    identity("gallery", "create", "later")
    identity("enroll", digits(tmp_path / "more", count=4), "-g", "later")
    assert identity("restore", kept, "--yes")[0] == 0
    assert identity("samples", "list", "-g", "kept", "--json")[1] == before
    assert "later" not in identity("gallery", "list")[1]
    assert not list((home / "indexes").glob("*.faiss"))
    assert identity("doctor")[0] == 0


def test_a_backup_never_replaces_what_is_no_backup(identity: Identity, tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"precious")
    code, _, err = identity("backup", photo)
    assert (code, err.count("\n"), photo.read_bytes()) == (1, 1, b"precious")
    assert identity("backup", tmp_path / "b")[0] == identity("backup", tmp_path / "b")[0] == 0


@pytest.mark.parametrize("what", ["missing", "no database", "cut off", "newer"])
def test_what_cannot_be_restored_leaves_everything_as_it_is(
    home: Path, identity: Identity, tmp_path: Path, what: str
) -> None:
    file, before = tmp_path / "b", identity("samples", "list", "-g", "kept")[1]
    match what:
        case "no database":
            file.write_bytes(b"x" * 5000)
        case "cut off":
            identity("backup", file)
            file.write_bytes(file.read_bytes()[:-40_000])
        case "newer":
            identity("backup", file)
            with closing(sqlite3.connect(file)) as connection, connection:
                connection.execute("UPDATE alembic_version SET version_num = '9999'")
    code, _, err = identity("restore", file, "--yes")
    assert (code, err.count("\n")) == (1, 1), err
    assert identity("samples", "list", "-g", "kept")[1] == before


def test_restoring_asks_first(identity: Identity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    identity("backup", tmp_path / "b")
    monkeypatch.setattr(sys, "stdin", StringIO("n\n"))
    code, out, _ = identity("restore", tmp_path / "b")
    assert (code, "restored" in out) == (1, False)
