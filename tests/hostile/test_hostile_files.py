"""Manifests, packed galleries and archives made to do harm are refused in one line, before they are unpacked."""

from __future__ import annotations

import io
import json
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from identity.bootstrap import SHIPPED
from identity.core.errors import ModelError, StoreError, UsageError
from identity.settings import from_environment
from identity.store import packed
from identity.zoo import manifest, pull

FACTS = json.loads((SHIPPED / "models" / "digits" / "manifest.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (json.dumps(FACTS | {"licence": "\ud800"}), "half a character"),
        (json.dumps(FACTS | {"input": FACTS["input"] | {"scale": 10**400}}), "finite number"),
        (json.dumps(FACTS | {"dim": 10**30}), "whole number"),
        (json.dumps(FACTS | {"file": "a\0b.onnx"}), "name of a file"),
        ("[" * 100_000, "nested too deep"),
        (json.dumps(FACTS)[:-1] + ', "x": ' + "9" * 5000 + "}", "valid JSON"),
    ],
    ids=["half character", "beyond float", "beyond 64 bits", "NUL", "deep", "digits"],
)
def test_a_manifest_that_no_program_could_use_is_one_line(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match=said) as caught:
        manifest.read(tmp_path / "manifest.json")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500


def test_a_model_archive_unpacks_no_further_than_the_model_is_large(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model.onnx", bytes(50_000_000))
    with pytest.raises(ModelError, match="unpacks to more than 1,000 bytes"):
        pull._extract(tmp_path / "bomb.zip", "model.onnx", tmp_path / "out", most=1000)
    assert (tmp_path / "out").stat().st_size <= 1000


def seed() -> dict[str, np.ndarray]:
    sys.path.insert(0, str(Path(__file__).parents[2] / "scripts" / "bench"))
    from fuzz_seeds import seeds

    with np.load(io.BytesIO(seeds()["packed"]["digits-9.npz"])) as stored:
        return dict(stored)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"vectors": np.zeros((12, 8), np.float16)}, "no direction"),
        ({"vectors": np.full((12, 8), np.nan, np.float16)}, "no direction"),
        ({"identity": np.full(12, 9, np.int16)}, "out of range"),
        ({"content": np.zeros((12, 31), np.uint8)}, "content"),
        ({"scores/0": np.array(["x"])}, "scores"),
        ({"row": np.array([{}] * 12, object)}, "pickle"),
        ({"meta": np.array("{}")}, "names"),
    ],
)
def test_a_packed_gallery_is_believed_nothing_unread(tmp_path: Path, changed: dict, said: str) -> None:
    np.savez(tmp_path / "whole.npz", **seed())
    assert len(list(packed.read_packed(tmp_path / "whole.npz").samples())) == 12
    np.savez(tmp_path / "other.npz", **(seed() | changed))
    with pytest.raises(StoreError, match=said) as caught:
        packed.read_packed(tmp_path / "other.npz")
    assert "\n" not in str(caught.value)


def test_a_packed_gallery_that_would_unpack_to_gigabytes_is_refused_unread(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("vectors.npy", bytes(packed.LARGEST_BYTES + 1))
    with pytest.raises(StoreError, match="unpacks to"):
        packed.read_packed(tmp_path / "bomb.npz")


@pytest.mark.parametrize("name", ["IDENTITY_MAX_PIXELS", "IDENTITY_MAX_FILE_BYTES", "IDENTITY_TIME_PER_FILE_S"])
@pytest.mark.parametrize("value", ["0", "-1", "many", "nan", "1e999", "9" * 30])
def test_a_limit_that_is_no_number_above_zero_is_refused(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(UsageError, match=name):
        from_environment(home=tmp_path, environ={name: value})
    assert from_environment(home=tmp_path, environ={}).limits.pixels == 110_000_000
    assert from_environment(home=tmp_path, environ={"IDENTITY_MAX_UPLOAD_BYTES": "7"}).limits.upload_bytes == 7
