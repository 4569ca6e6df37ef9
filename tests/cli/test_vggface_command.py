"""VGG-Face: its Keras weights are converted, once the licence is accepted, and fill a gallery."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from running import Ran, ran


@pytest.fixture
def run(
    new_home: Callable[[Path], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Ran]:
    for name in ("IDENTITY_MODELS_MIRROR", "IDENTITY_OFFLINE"):
        monkeypatch.delenv(name, raising=False)

    return partial(ran, "--home", new_home(tmp_path / "home"))


def test_vgg_face_weights_become_a_gallery_that_can_be_filled(
    run: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    pytest.importorskip("keras", reason="needs the extra 'train'")
    import sys

    sys.path.append(str(Path(__file__).parents[1] / "embedders"))
    from vggface_files import NARROW_BLOCKS, NARROW_CONNECTED, random_layers, write_keras2

    from identity.embedders import vggface

    monkeypatch.setattr(vggface, "BLOCKS", NARROW_BLOCKS)
    monkeypatch.setattr(vggface, "FULLY_CONNECTED", NARROW_CONNECTED)
    weights = write_keras2(tmp_path / "vgg_face_weights.h5", random_layers(np.random.default_rng(3)))

    refused = run("models", "add", weights)
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert "non-commercial research only" in refused.err
    assert run("models", "add", weights, "--accept-licence").out == "model 'vgg-face' added: face, 2622 dimensions\n"
    assert run("models", "remove", "vgg-face").code == 0
    monkeypatch.setenv("IDENTITY_MODELS_MIRROR", str(tmp_path))
    assert run("models", "pull", "vgg-face", "--accept-licence", "--offline").code == 0

    assert run("gallery", "create", "vgg", "--model", "vgg-face", "--detector", "whole").code == 0
    enrolled = run("enroll", "-g", "vgg", _pictures(tmp_path / "pictures"), "--json")
    assert json.loads(enrolled.out)["gallery_samples"] == 4


def _pictures(folder: Path) -> Path:
    from PIL import Image

    from identity.workflows.convert_vggface import photographs

    for place, picture in enumerate(photographs()):
        (folder / f"person{place % 2}").mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture[:200, :180]).save(folder / f"person{place % 2}" / f"{place}.png")
    return folder
