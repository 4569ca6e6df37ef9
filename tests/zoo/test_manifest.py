"""Claims about manifests: what was written is what is read, and whatever is wrong is named in one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from identity.core.errors import ModelError
from identity.zoo.manifest import InputSpec, ModelManifest, OperatingPoint, dump, parse, read

FACE = ModelManifest(
    name="a-face",
    kind="face",
    file="model.onnx",
    sha256="ab" * 32,
    bytes=123,
    dim=256,
    input=InputSpec("NCHW", 128, "bgr", (0.0, 0.5, 1.0), 0.25),
    alignment="five-point/1",
    template=((0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.35, 0.8), (0.65, 0.8)),
    licence="Apache-2.0",
    source="somewhere",
    operating_points=(OperatingPoint(1e-3, 0.652),),
    training={"recipe": "triplet", "curve": [[1, 0.5]]},
)


def test_manifest_survives_writing_and_reading() -> None:
    assert parse(dump(FACE)) == FACE


def test_manifest_of_a_training_is_read_as_the_project_writes_it() -> None:
    written = {
        "schema": "identity.model/1", "name": "digits", "kind": "digits", "file": "model.onnx",
        "sha256": "0" * 64, "bytes": 1, "dim": 64,
        "input": {"layout": "NHWC", "size_px": 28, "channels": "grey", "mean": [0], "scale": 0.00392156862745098},
        "alignment": "mnist-28/1", "template": None, "licence": "Apache-2.0", "source": "identity train digits",
        "operating_points": [], "training": {"recipe": "triplet", "seed": 1},
    }  # fmt: skip

    manifest = parse(json.dumps(written))

    assert (manifest.input.mean, manifest.template, manifest.dim) == ((0.0,), (), 64)
    assert json.loads(dump(manifest)) == written


WRONG = [
    ({"schema": "identity.model/2"}, "'schema' must be 'identity.model/1'"),
    ({"name": "../x"}, "'name' must be"),
    ({"kind": "cat"}, "'kind' must be one of digits, face, detector"),
    ({"file": "../model.onnx"}, "'file' must be the name of a file"),
    ({"file": "a/b.onnx"}, "'file' must be the name of a file"),
    ({"file": "manifest.json"}, "'file' must be the name of a file"),
    ({"sha256": "AB" * 32}, "'sha256' must be 64"),
    ({"bytes": -1}, "'bytes' must be a whole number"),
    ({"dim": 0}, "'dim' must be a whole number of at least 1"),
    ({"dim": True}, "'dim' must be a whole number"),
    ({"dim": 2.5}, "'dim' must be a whole number"),
    ({"kind": "detector"}, "'dim' of a detector must be 0"),
    ({"input": []}, "'input' must be an object"),
    ({"input": {"layout": "NCHW", "size_px": 1, "channels": "rgb", "mean": [0], "scale": 1}}, "'mean' must be a list"),
    ({"input": {"layout": "NCHW", "size_px": 1, "channels": "grey", "mean": ["x"], "scale": 1}}, "'mean' must be a"),
    ({"input": {"layout": "HW", "size_px": 1, "channels": "grey", "mean": [0], "scale": 1}}, "'layout' must be one"),
    ({"input": {"layout": "NCHW", "size_px": 1, "channels": "grey", "mean": [0], "scale": 0}}, "'scale' must not be"),
    ({"alignment": "six-point/1"}, "'alignment' must be one of"),
    ({"template": [[0, 0]] * 4}, "'template' must be five points"),
    ({"template": None}, "'template' must be five points"),
    ({"licence": None}, "'licence' must be a string"),
    ({"operating_points": [3]}, "'operating_points' must be"),
    ({"operating_points": [{"fmr": 2, "distance": 0.5}]}, "an operating point must have fmr between 0 and 1"),
    ({"operating_points": [{"fmr": 1e-3}]}, "'distance' must be a finite number"),
    ({"training": "yes"}, "'training' must be an object"),
]


@pytest.mark.parametrize(("change", "said"), WRONG)
def test_anything_wrong_is_named_in_one_line(change: dict[str, object], said: str) -> None:
    document = json.loads(dump(FACE)) | change

    with pytest.raises(ModelError, match=said) as caught:
        parse(json.dumps(document), where="here.json")

    assert str(caught.value).startswith("here.json: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("field", ["name", "kind", "file", "sha256", "bytes", "dim", "input", "alignment", "licence"])
def test_missing_field_is_named(field: str) -> None:
    document = json.loads(dump(FACE))
    del document[field]

    with pytest.raises(ModelError, match=f"'{field}'"):
        parse(json.dumps(document))


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"', '{"schema": NaN}'])
def test_text_that_is_no_manifest_is_an_error(text: str) -> None:
    with pytest.raises(ModelError):
        parse(text)


def test_missing_and_undecodable_files_are_named(tmp_path: Path) -> None:
    (tmp_path / "latin.json").write_bytes(b"\xff\xfe\xfa")

    for name in ("none.json", "latin.json"):
        with pytest.raises(ModelError, match=name):
            read(tmp_path / name)
