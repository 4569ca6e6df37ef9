"""A gallery that travels with its network answers where that network never was; nothing else is taken in by the way."""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from running import Ran
from running import ran as run_anywhere
from scans import rows_of, scan

from identity.bootstrap import SHIPPED

NETWORK = SHIPPED / "models" / "digits"


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("few")
    for digit in (1, 8):
        for row in rows_of(digit, 4):
            scan(folder / str(digit) / f"{row}.png", row)
    return folder


@pytest.fixture(scope="module")
def bundle(home: Path, few: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gallery of the network `own`, with it; the network is gone from the home."""
    path = tmp_path_factory.mktemp("out") / "carried.bundle"
    for line in (
        f"models add {NETWORK} --name own",
        "gallery create carried --model own",
        f"enroll {few} -g carried --calibration-fraction 0.4",
        "calibrate -g carried --alpha 0.4",
        f"export bundle {path} -g carried --model",
        "models remove own",
    ):
        assert run_anywhere("--home", home, *line.split()).code == 0, line
    return path


@pytest.fixture
def without(run: Callable[..., Ran]) -> Iterator[None]:
    """The network is not in the home, before and after."""
    run("models", "remove", "own")
    yield
    run("models", "remove", "own")


def networks(run: Callable[..., Ran]) -> list[str]:
    return [one["name"] for one in run("models", "list", "--json").document["models"]]


@pytest.mark.usefixtures("without")
def test_it_answers_where_its_network_never_was_and_is_the_same_file_again(
    run: Callable[..., Ran], bundle: Path, few: Path, tmp_path: Path
) -> None:
    taken = run("import", "bundle", bundle, "-g", "arrived")
    assert taken.out == "gallery 'arrived' created: 8 samples, 2 identities\nmodel 'own' installed\n"
    assert taken.err == ""
    probe = next((few / "8").glob("*.png"))
    assert run("query", probe, "-g", "arrived").out.startswith("8  ")
    written = run("export", "bundle", tmp_path / "again", "-g", "carried", "--model", "--json")
    assert written.document["models"] == ["own"]
    assert (tmp_path / "again").read_bytes() == bundle.read_bytes()
    again = run("import", "bundle", bundle, "-g", "arrived", "--json")
    assert (again.document["model_installed"], again.document["models"]) == (True, [])


@pytest.mark.usefixtures("without")
def test_it_can_be_left_behind_on_either_side(run: Callable[..., Ran], bundle: Path, tmp_path: Path) -> None:
    bare = run("import", "bundle", bundle, "-g", "bare", "--no-model")
    assert "gallery 'bare' needs model 'own', which is not installed" in bare.err
    assert "own" not in networks(run)
    run("export", "bundle", tmp_path / "light", "-g", "carried")
    with zipfile.ZipFile(tmp_path / "light") as archive:
        assert [name for name in archive.namelist() if name.startswith("models/")] == []


@pytest.mark.usefixtures("without")
def test_another_network_of_that_name_is_not_replaced_and_no_gallery_comes(
    run: Callable[..., Ran], bundle: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(NETWORK, tmp_path / "other"))
    described = (folder / "manifest.json").read_text()
    before = (folder / "model.onnx").read_bytes()
    middle = len(before) // 2  # among the weights
    after = before[:middle] + bytes([before[middle] ^ 1]) + before[middle + 1 :]
    (folder / "model.onnx").write_bytes(after)
    described = described.replace(hashlib.sha256(before).hexdigest(), hashlib.sha256(after).hexdigest())
    (folder / "manifest.json").write_text(described)
    assert run("models", "add", folder, "--name", "own").code == 0
    refused = run("import", "bundle", bundle, "-g", "refused")
    assert (refused.code, refused.out, refused.err.count("\n")) == (2, "", 1)
    assert "is not that of the bundle" in refused.err
    assert run("gallery", "show", "refused").code == 1


@pytest.mark.usefixtures("without")
@pytest.mark.parametrize("member", ["manifest.json", "model.onnx"])
def test_a_damaged_network_brings_neither_gallery_nor_network(
    run: Callable[..., Ran], bundle: Path, tmp_path: Path, member: str
) -> None:
    whole = bundle.read_bytes()
    with zipfile.ZipFile(bundle) as archive:
        name = next(one for one in archive.namelist() if one.startswith("models/own/") and one.endswith(member[-5:]))
        content = archive.read(name)
    at = whole.index(content) + len(content) // 2
    wrong = tmp_path / "wrong.bundle"
    wrong.write_bytes(whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :])
    refused = run("import", "bundle", wrong, "-g", "never")
    assert (refused.code, refused.out, refused.err.count("\n")) == (1, "", 1)
    assert "own" not in networks(run)
    assert run("gallery", "show", "never").code == 1


def test_a_refused_gallery_brings_no_network(run: Callable[..., Ran], bundle: Path) -> None:
    run("models", "remove", "own")
    refused = run("import", "bundle", bundle, "-g", "a/b")
    assert refused.code == 2
    assert "own" not in networks(run)
