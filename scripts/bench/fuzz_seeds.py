"""Seeds that the fuzzer starts from, drawn and packed here, and the ways in which it spoils them."""

from __future__ import annotations

import gzip
import io
import json
import random
import zipfile
from collections.abc import Mapping
from importlib.util import find_spec

import numpy as np
from PIL import Image, ImageDraw

from identity.bootstrap import SHIPPED

Seeds = Mapping[str, bytes]  # by file name; what reads a file goes by its name
FORMATS = {
    "a.jpg": ("JPEG", {}), "p.jpg": ("JPEG", {"progressive": True}), "a.png": ("PNG", {}), "a.gif": ("GIF", {}),
    "a.bmp": ("BMP", {}), "a.ppm": ("PPM", {}), "a.webp": ("WEBP", {}), "a.avif": ("AVIF", {}), "a.tif": ("TIFF", {}),
    "l.tif": ("TIFF", {"compression": "tiff_lzw"}), "z.tif": ("TIFF", {"compression": "tiff_adobe_deflate"}),
    "j.tif": ("TIFF", {"compression": "jpeg"}), "a.jp2": ("JPEG2000", {}), "a.ico": ("ICO", {}), "a.tga": ("TGA", {}),
    "r.tga": ("TGA", {"compression": "tga_rle"}), "a.mpo": ("MPO", {}), "b.png": ("BLP", {}), "d.png": ("DDS", {}),
    "i.png": ("ICNS", {}), "s.png": ("SGI", {}), "x.png": ("PCX", {}), "q.png": ("QOI", {}),
}  # fmt: skip
INTERESTING = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 2**63 - 1, 2**64 - 1)


def seeds() -> dict[str, dict[str, bytes]]:
    """By reader, files by name."""
    return {
        "image": _pictures(), "idx": _idx(), "packed": {"digits-9.npz": _packed()}, "manifest": _manifests(),
        "archive": {"model.zip": _archive()},
        "onnx": {"model.onnx": (SHIPPED / "models/digits/model.onnx").read_bytes()},
        "groups": {"groups.csv": b"path,group\na.png,left\n\"b,1.png\",right\n"},
        "truth": {"truth.csv": b"path,row,identity\na.png,,Ada\n\"b,1.png\",2,Zo\xc3\xab\n"},
        "weights": {"weights.h5": _weights()} if find_spec("h5py") else {},
    }  # fmt: skip


def _pictures() -> dict[str, bytes]:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "drawn"
    made: dict[str, bytes] = {}
    for mode in ("RGB", "L", "RGBA", "P"):
        picture = Image.new("RGB", (48, 32), "white")
        ImageDraw.Draw(picture).ellipse((8, 4, 40, 28), outline="black", fill="orange", width=3)
        for name, (kind, options) in FORMATS.items():
            content = io.BytesIO()
            try:
                picture.convert(mode).save(content, kind, **options, **({"exif": exif} if kind != "ICO" else {}))
            except (OSError, ValueError, KeyError, TypeError):
                continue  # this format has no such mode, or this Pillow cannot write it
            made[f"{mode.lower()}-{name}"] = content.getvalue()
    return made


def _idx() -> dict[str, bytes]:
    pixels = np.arange(5 * 28 * 28, dtype=np.uint32).astype(np.uint8).tobytes()
    raw = bytes([0, 0, 8, 3]) + np.array([5, 28, 28], ">u4").tobytes() + pixels
    return {"t-images-idx3-ubyte": raw, "t-images-idx3-ubyte.gz": gzip.compress(raw, mtime=0)}


def _packed() -> bytes:
    n, dim = 12, 8
    scores = {f"scores/{name}": np.linspace(0.1, 0.2, 20, dtype=np.float32) for name in "01"}
    meta = {
        "name": "digits", "model": "m", "detector": "whole", "space": "s", "dim": dim, "source": "x", "path": "y",
        "size_px": 28, "names": ["0", "1"],
        "calibration": {
            "rule": "conformal", "facts": {"alpha": 0.1}, "k": 1, "ratio": 0.7, "created_at": "", "pooled": 0.2,
            "thresholds": {"0": 0.2, "1": 0.2},
        },
    }  # fmt: skip
    content = io.BytesIO()
    np.savez_compressed(
        content, meta=np.array(json.dumps(meta)), row=np.arange(n, dtype=np.int32),
        identity=(np.arange(n) % 2).astype(np.int16), role=np.zeros(n, np.int8),
        content=np.arange(n * 32, dtype=np.uint32).astype(np.uint8).reshape(n, 32),
        vectors=np.random.default_rng(0).normal(size=(n, dim)).astype(np.float16), **scores,
    )  # type: ignore[arg-type]  # fmt: skip
    return content.getvalue()


def _manifests() -> dict[str, bytes]:
    text = (SHIPPED / "models/digits/manifest.json").read_text(encoding="utf-8")
    return {"manifest.json": text.encode(), "deep.json": b"[" * 4000 + text.encode()}


def _archive() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("folder/model.onnx", bytes(range(256)) * 64)
        archive.writestr("other.txt", "nothing")
    return content.getvalue()


def _weights() -> bytes:
    import h5py

    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        file.attrs["layer_names"] = np.array([b"conv", b"pool"])
        for name, arrays in (("conv", ("conv/k:0", "conv/b:0")), ("pool", ())):
            group = file.create_group(name)
            group.attrs["weight_names"] = np.array([one.encode() for one in arrays], "S8")
            for one, shape in zip(arrays, ((3, 3, 1, 2), (2,)), strict=False):
                group.create_dataset(one, data=np.ones(shape, np.float32))
    return content.getvalue()


def spoiled(content: bytes, other: bytes, dice: random.Random) -> bytes:
    """One to four changes: bits, integers that programs stumble over, cuts, repetitions, pieces of another file."""
    changed = bytearray(content)
    for _ in range(dice.choice((1, 1, 1, 2, 4))):
        _spoil(changed, other, dice)
    return bytes(changed)


def _spoil(changed: bytearray, other: bytes, dice: random.Random) -> None:
    at = dice.randrange(min(len(changed), dice.choice((64, 512, 2**30))) + 1) if changed else 0
    length = dice.choice((1, 2, 4, 8, 64, 1024))
    match dice.randrange(8):
        case 0 | 1 if at < len(changed):
            changed[at] ^= 1 << dice.randrange(8)
        case 2 | 3:
            width = dice.choice((1, 2, 4, 8))
            number = dice.choice(INTERESTING) % 256**width
            changed[at : at + width] = number.to_bytes(width, dice.choice(("big", "little")))
        case 4:
            del changed[at:]
        case 5:
            changed[at:at] = changed[at : at + length] * dice.choice((1, 10, 1000))
        case 6 if other:
            start = dice.randrange(len(other))
            changed[at : at + length] = other[start : start + length]
        case _:
            del changed[at : at + length]
