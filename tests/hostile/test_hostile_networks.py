"""Networks and weights made to do harm are refused in one line, by a process of their own, and not installed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnx", reason="needs the extra 'train'")
pytest.importorskip("h5py", reason="needs the extra 'train'")
sys.path.append(str(Path(__file__).parents[1] / "embedders"))

import h5py
import onnx
from network_files import linear_network, manifest_of
from onnx import TensorProto, helper, numpy_helper
from vggface_files import random_layers, write_keras2

from identity import open_models
from identity.core.errors import ModelError
from identity.core.model import InputSpec
from identity.embedders import onnx_probe
from identity.embedders.vggface_weights import look, read_weights
from identity.zoo.manifest import dump

SPEC = InputSpec("NHWC", 8, "rgb", (0.0, 0.0, 0.0), 1.0)
WEIGHTS = np.ones((192, 4), np.float32)


def network(path: Path, nodes: list, arrays: dict[str, np.ndarray]) -> Path:
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        for name, shape in (("image", ["n", 8, 8, 3]), ("vector", None))
    ]
    stored = [numpy_helper.from_array(array, name) for name, array in arrays.items()]
    graph = helper.make_graph(nodes, "made", ends[:1], ends[1:], stored)
    path.write_bytes(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9).SerializeToString()
    )
    return path


def endless(path: Path) -> Path:
    kept, passed = helper.make_node("Identity", ["on"], ["still"]), helper.make_node("Identity", ["x"], ["y"])
    value = helper.make_tensor_value_info
    given = [value("i", TensorProto.INT64, []), value("on", TensorProto.BOOL, []), value("x", TensorProto.FLOAT, None)]
    body = helper.make_graph(
        [kept, passed], "body", given, [value("still", TensorProto.BOOL, []), value("y", TensorProto.FLOAT, None)]
    )
    loop = helper.make_node("Loop", ["times", "yes", "image"], ["vector"], body=body)
    return network(path, [loop], {"times": np.array(2**62), "yes": np.array(True)})


def swelling(path: Path) -> Path:
    nodes = [
        helper.make_node("ConstantOfShape", ["shape"], ["zeros"]),
        helper.make_node("ReduceSum", ["zeros"], ["sum"], keepdims=0),
        helper.make_node("Add", ["image", "sum"], ["vector"]),
    ]
    return network(path, nodes, {"shape": np.array([10**5, 10**5])})


def elsewhere(path: Path) -> Path:
    loaded = onnx.load(str(linear_network(path, WEIGHTS, shape=("n", 8, 8, 3))))
    onnx.save_model(loaded, str(path), save_as_external_data=True, location="w.bin", size_threshold=0)
    return path


def junk(path: Path) -> Path:
    path.write_bytes(bytes(range(256)) * 20)
    return path


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (endless, "takes longer than 2 s to load: give a smaller network"),
        (swelling, "needs more than 1,074 MB of memory to load: give a smaller network"),
        (elsewhere, "keeps weights in another file: save the network as one file"),
        (junk, "is not an ONNX file"),
    ],
)
def test_a_network_that_no_machine_can_bear_is_not_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made: Callable[[Path], Path], said: str
) -> None:
    if made is endless:
        monkeypatch.setattr(onnx_probe, "TIME_S", 2.0)
    file = made(tmp_path / "model.onnx")
    (tmp_path / "page.json").write_text(dump(manifest_of(file, dim=4, spec=SPEC)))
    models = open_models(home=tmp_path / "home")
    with pytest.raises(ModelError, match=said) as caught:
        models.add(file, manifest=tmp_path / "page.json")
    assert str(caught.value).startswith("model 'tiny'")
    assert "\n" not in str(caught.value)
    assert [path.name for path in (tmp_path / "home" / "models").iterdir()] == []


def test_a_network_with_a_fixed_batch_or_of_any_size_is_installed(tmp_path: Path) -> None:
    models = open_models(home=tmp_path / "home")
    for name, shape in (("fixed", (2, 8, 8, 3)), ("free", ("n", "h", "w", "c"))):
        file = linear_network(tmp_path / f"{name}.onnx", WEIGHTS, shape=shape)
        page = tmp_path / f"{name}.json"
        page.write_text(dump(replace(manifest_of(file, dim=4, spec=SPEC), name=name)))
        assert models.add(file, manifest=page).manifest.name == name


Spoil = Callable[["h5py.File", "h5py.Group"], None]


def compressed(_file: h5py.File, group: h5py.Group) -> None:
    group.create_dataset("k", data=np.zeros((3, 3, 64, 64), np.float32), compression="gzip")


def external(_file: h5py.File, group: h5py.Group) -> None:
    group["k"] = h5py.ExternalLink("/etc/hostname", "/x")


def soft(file: h5py.File, group: h5py.Group) -> None:
    file["other"] = np.zeros((3, 3, 3, 64), np.float32)
    group["k"] = h5py.SoftLink("/other")


def raw(_file: h5py.File, group: h5py.Group) -> None:
    group.create_dataset("k", (1, 1, 1, 4), np.float32, external=[("/etc/hostname", 0, 16)])


def virtual(_file: h5py.File, group: h5py.Group) -> None:
    layout = h5py.VirtualLayout((1, 1, 1, 4), np.float32)
    layout[...] = h5py.VirtualSource("other.h5", "x", (1, 1, 1, 4))
    group.create_virtual_dataset("k", layout)


def declared(_file: h5py.File, group: h5py.Group) -> None:
    group.create_dataset("k", (10**4, 10**4, 10, 10), np.float32)


def texts(_file: h5py.File, group: h5py.Group) -> None:
    group.create_dataset("k", data=np.full((1, 1, 1, 4), b"x"))


def many_names(file: h5py.File, group: h5py.Group) -> None:
    group["k"] = np.zeros((1, 1, 1, 4), np.float32)
    file.attrs["layer_names"] = np.array([b"a"] * 2000)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (compressed, "compressed"),
        (external, "link to something else"),
        (soft, "link to something else"),
        (raw, "another file"),
        (virtual, "another file"),
        (declared, "not whole"),
        (texts, "floating-point"),
        (many_names, "at most 1000 names"),
    ],
)
def test_weights_that_are_not_plainly_in_their_file_are_one_line(tmp_path: Path, spoil: Spoil, said: str) -> None:
    with h5py.File(tmp_path / "weights.h5", "w") as file:
        file.attrs["layer_names"] = np.array([b"conv"])
        group = file.create_group("conv")
        group.attrs["weight_names"] = np.array([b"k", b"b"])
        group["b"] = np.zeros(4, np.float32)
        spoil(file, group)
    with pytest.raises(ModelError, match=said) as caught:
        look({"path": str(tmp_path / "weights.h5")})
    assert "\n" not in str(caught.value)


def in_a_process(texts: dict[str, str]) -> None:
    read_weights(Path(texts["path"]))


def test_weights_cut_off_anywhere_are_one_line(tmp_path: Path) -> None:
    whole = write_keras2(tmp_path / "weights.h5", random_layers(np.random.default_rng(1))).read_bytes()
    for kept, read in ((0, look), (100, look), (3000, look), (len(whole) - 1, look), (len(whole) // 2, in_a_process)):
        (tmp_path / "weights.h5").write_bytes(whole[:kept])
        with pytest.raises(ModelError, match="not a file of Keras weights") as caught:
            read({"path": str(tmp_path / "weights.h5")})
        assert "\n" not in str(caught.value)
