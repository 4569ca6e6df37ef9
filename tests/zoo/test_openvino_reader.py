"""Claims about the reader of OpenVINO's form: it computes what numpy does, and refuses the rest in one line."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
from tiny_ir import SIDE, expected, tiny

from identity.core.errors import ModelError
from identity.zoo.openvino import constants, parsing
from identity.zoo.openvino.converting import convert


def replaced(old: str, new: str, *, count: int = 1) -> bytes:
    """The tiny network's XML with the first `old` another."""
    xml = tiny().xml.decode()
    assert old in xml
    return xml.replace(old, new, count).encode()


def refused(xml: bytes, content: bytes | None = None) -> str:
    with pytest.raises(ModelError) as caught:
        convert(xml, tiny().content if content is None else content, name="tiny")
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_every_kind_of_layer_computes_what_numpy_does() -> None:
    session = onnxruntime.InferenceSession(convert(tiny().xml, tiny().content, name="tiny"))
    images = np.random.default_rng(1).normal(size=(3, 3, SIDE, SIDE)).astype(np.float32)

    (vectors,) = session.run(["embedding"], {"data": images})

    np.testing.assert_allclose(vectors, expected(images), atol=1e-4)


def test_the_same_files_give_the_same_bytes() -> None:
    assert len({convert(tiny().xml, tiny().content, name="tiny") for _ in range(3)}) == 1


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('type="Sigmoid"', 'type="LSTMCell"', "layer 23 ('LSTMCell') is of a kind"),
        ('version="opset1"', 'version="opset13"', "layer 0 ('Parameter') is of version 'opset13'"),
        ('auto_broadcast="numpy"', 'auto_broadcast="none"', "auto_broadcast='none' instead of 'numpy'"),
        ('rounding_type="floor"', 'rounding_type="ceil"', "layer 19 ('AvgPool') has rounding_type='ceil'"),
        ('element_type="f16"', 'element_type="i8"', "layer 1 ('Const') has element_type='i8'"),
        ('kernel="2, 2"', 'kernel="2, 2" axis="1"', "has or lacks the attribute 'axis'"),
        ('kernel="2, 2"', "", "has or lacks the attribute 'kernel'"),
        ('kernel="2, 2"', 'kernel="2"', "has kernel for 1 sides"),
        ('strides="2, 2"', 'strides="2, -2"', "must be a whole number, not '-2'"),
        ('shape="1,3,8,8"', 'shape="2,3,8,8"', "layer 0 ('Parameter') is a second input, or one of the shape"),
        ('id="1"', 'id="0"', "two layers 0"),
        ('id="1"', 'id="x"', "must be a whole number, not 'x'"),
        ("<dim>3</dim>", "<dim>3</dim>" * 9, "more than 6 dimensions"),
        ('from-layer="0"', 'from-layer="7"', "leads from layer 7 to 3, which is not after it"),
        ('to-layer="3" to-port="1"', 'to-layer="3" to-port="0"', "two edges of the .xml lead to port 0 of layer 3"),
        ('to-layer="3" to-port="1"', 'to-layer="3" to-port="2"', "port 1 of layer 3 is fed by none"),
        ('to-layer="3" to-port="1"', 'to-layer="999" to-port="1"', "leads from layer 2 to 999"),
        ('from-layer="2"', 'from-layer="1"', "takes what layer 1 ('Const') gives"),
        ("<edges>", "", "not valid XML"),
    ],
)  # fmt: skip
def test_what_is_not_read_is_refused_by_name(old: str, new: str, said: str) -> None:
    assert said in refused(replaced(old, new))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('offset="0"', 'offset="99999999"', "of a .bin that has"),
        ('size="6"', 'size="7"', "has 7 bytes for the shape"),
        ('size="6"', 'size="0"', "has 0 bytes for the shape"),
        ('shape="1, 3, 1, 1"', 'shape="999999999, 999999999, 999999999"', "bytes for the shape"),
    ],
)
def test_a_constant_stays_within_the_bin(old: str, new: str, said: str) -> None:
    assert said in refused(replaced(old, new))


def test_a_bin_that_is_cut_off_or_used_twice_or_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    made = tiny()
    assert "its bytes are used twice" in refused(made.xml, made.content[:-2])
    again = made.constant(np.ones((1, 3, 1, 1), np.float32))
    assert again
    assert "its bytes are used twice" in refused(made.xml, tiny().content)
    monkeypatch.setattr(constants, "MOST_BIN_BYTES", 10)
    assert "more than 10 bytes" in refused(tiny().xml)


def test_entities_are_refused_before_they_are_read() -> None:
    bomb = '<!DOCTYPE net [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><net name="&b;"/>'
    assert "declares a document type" in refused(bomb.encode())
    outside = '<!DOCTYPE net SYSTEM "file:///etc/passwd"><net/>'
    assert "declares a document type" in refused(outside.encode())


def test_a_file_without_measure_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "within each other" in refused(b"<net>" + b"<a>" * 100_000)
    assert "elements" in refused(b"<net>" + b"<a/>" * 100_000 + b"</net>")
    assert "describes no layers" in refused(b"<net/>")
    assert "not valid XML" in refused(b"\x00\xff")
    monkeypatch.setattr(parsing, "MOST_XML_BYTES", 10)
    assert "more than 10 bytes" in refused(tiny().xml)


def test_a_network_without_a_result_is_refused() -> None:
    made = tiny()
    made.layers.pop()
    made.edges.pop()
    assert "no input, or no result" in refused(made.xml, made.content)
