"""A network is run by what its file's ending says; another runtime is one more row of the table."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from identity.core.model import InputSpec, ModelManifest
from identity.embedders.onnx import OnnxEmbedder
from identity.embedders.runtimes import RUNTIMES, open_embedder

SPEC = InputSpec("NHWC", 4, "grey", (0.0,), 1.0)


def manifest_of(file: str) -> ModelManifest:
    return ModelManifest("tiny", "digits", file, "0" * 64, 1, 2, SPEC, "whole/1")


class Halves:
    fingerprint, dim = "halves", 2

    def embed(self, crops):
        return np.full((len(crops), 2), np.sqrt(0.5), np.float32)


def test_an_onnx_file_is_run_by_onnx_runtime_and_keeps_its_fingerprint():
    manifest = manifest_of("model.onnx")
    opened = open_embedder(Path("model.ONNX"), manifest, threads=1)
    assert isinstance(opened, OnnxEmbedder)
    assert opened.fingerprint == OnnxEmbedder(Path("elsewhere.onnx"), manifest).fingerprint


def test_another_runtime_is_one_more_row(monkeypatch):
    given = []
    monkeypatch.setitem(RUNTIMES, ".half", lambda *said: given.append(said) or Halves())
    manifest = manifest_of("model.half")
    assert open_embedder(Path("model.half"), manifest, threads=2).embed([np.zeros((4, 4), np.uint8)]).shape == (1, 2)
    assert given == [(Path("model.half"), manifest, 2)]


def test_a_network_whose_file_has_another_ending_is_served_as_it_always_was():
    assert isinstance(open_embedder(Path("weights.bin"), manifest_of("weights.bin")), OnnxEmbedder)
