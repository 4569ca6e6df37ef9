"""Reads a gallery that travels as one file, and believes nothing in it before it was looked at."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from identity.core.calibration import Calibration, ClassCalibration
from identity.core.distance import unit_vectors
from identity.core.errors import StoreError
from identity.core.rules import conformal
from identity.core.rules.table import rule_named
from identity.core.shown import LONE_SURROGATE, shown_name
from identity.core.types import Box, NewSample, Role, SourceImage

ROLES = (Role.GALLERY, Role.CALIBRATION)
LARGEST_BYTES = 256 << 20  # unpacked
TEXTS = ("name", "model", "detector", "space", "source", "path")
LARGEST_NUMBER = 2**16
Ids = Mapping[str | None, int | None]


@dataclass(frozen=True, slots=True)
class PackedGallery:
    """What a packed file says: its facts, and its arrays by name."""

    meta: Mapping[str, Any]
    arrays: Mapping[str, NDArray[Any]]

    def samples(self) -> Iterator[NewSample]:
        """Every sample, its vector normalised again."""
        meta, arrays = self.meta, self.arrays
        vectors, contents, names = unit_vectors(arrays["vectors"]), arrays["content"], meta["names"]
        rows, identities, roles = (arrays[key].tolist() for key in ("row", "identity", "role"))
        size, box = meta["size_px"], Box(0, 0, meta["size_px"], meta["size_px"])
        for place, row in enumerate(rows):
            content = contents[place].tobytes()
            image = SourceImage(meta["source"], meta["path"], row, content=content, width=size, height=size)
            yield NewSample(image, box, vectors[place], names[identities[place]], ROLES[roles[place]])

    def calibration(self, ids: Ids) -> Calibration | None:
        """The thresholds that came along, by the ids that the identities have here."""
        if "calibration" not in self.meta:
            return None
        made = self.meta["calibration"]
        rule = rule_named(made.get("rule", conformal.NAME))  # older files name none
        scores = {name: self.arrays[f"scores/{name}"] for name in made["thresholds"]}
        classes = {
            identity: ClassCalibration(scores[name], float(made["thresholds"][name]))
            for name, identity in ids.items()
            if name in scores and identity is not None
        }
        return Calibration(
            space=self.meta["space"],
            k=int(made["k"]),
            rule=rule.name,
            facts=rule.facts_from_json(made.get("facts") or {"alpha": made["alpha"]}),
            classes=classes,
            pooled=ClassCalibration(np.sort(np.concatenate(list(scores.values()))), float(made["pooled"])),
            ratio=float(made["ratio"]),
            created_at=str(made["created_at"]),
        )


def read_packed(path: Path) -> PackedGallery:
    """The gallery in a file. Raises `StoreError` where it is damaged, or is no packed gallery."""
    try:
        packed = _read(path)
        _require_sound(packed)
        packed.calibration(dict(zip(packed.meta["names"], range(len(packed.meta["names"])), strict=True)))
    except Exception as error:  # zip, zlib, numpy and json raise whatever they stumble over
        cause = " ".join(str(error).split())[:200] or type(error).__name__
        named = shown_name(path)
        raise StoreError(f"the packed gallery {named} cannot be read ({cause}): install the program anew") from error
    return packed


def _read(path: Path) -> PackedGallery:
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(part.file_size for part in archive.infolist())
    _require(unpacked <= LARGEST_BYTES, f"it unpacks to {unpacked:,} bytes, more than {LARGEST_BYTES:,}")
    with np.load(path, allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    text = str(arrays.pop("meta"))
    _require(not LONE_SURROGATE.search(text) and "\\ud" not in text.lower(), "its facts are not valid Unicode")
    return PackedGallery(json.loads(text), arrays)


def _require_sound(packed: PackedGallery) -> None:
    """Raise `ValueError` for anything that the store or a search would stumble over later."""
    meta, arrays = packed.meta, packed.arrays
    names, n = meta["names"], len(arrays["row"])
    _require(all(isinstance(meta[key], str) for key in TEXTS), "a name in it is no text")
    _require(all(isinstance(meta[key], int) and 0 < meta[key] < LARGEST_NUMBER for key in ("dim", "size_px")), "sizes")
    _require(isinstance(names, list) and all(isinstance(name, str) for name in names), "its identities have no names")
    _require(len(set(names)) == len(names), "two identities have one name")
    shapes = {"row": (n,), "identity": (n,), "role": (n,), "content": (n, 32), "vectors": (n, meta["dim"])}
    signed, floats = np.signedinteger, np.floating
    types = {"row": signed, "identity": signed, "role": signed, "content": np.unsignedinteger, "vectors": floats}
    for key, shape in shapes.items():
        array = arrays[key]
        fits = array.shape == shape and np.issubdtype(array.dtype, types[key])
        _require(fits, f"array {key} is {array.dtype}{array.shape}")
    _require(arrays["content"].dtype == np.uint8, "digests are not bytes")
    _require(_within(arrays["identity"], len(names)) and _within(arrays["role"], len(ROLES)), "numbers out of range")
    lengths = np.linalg.norm(arrays["vectors"].astype(np.float32), axis=1)
    _require(bool(np.isfinite(lengths).all() and (lengths > 0).all()), "a vector in it has no direction")
    scores = [array for key, array in arrays.items() if key.startswith("scores/")]
    sound = all(one.ndim == 1 and np.issubdtype(one.dtype, np.floating) and np.isfinite(one).all() for one in scores)
    _require(sound, "scores are not finite numbers")


def _within(numbers: NDArray[Any], count: int) -> bool:
    return bool(((numbers >= 0) & (numbers < count)).all())


def _require(fact: bool, otherwise: str) -> None:  # noqa: FBT001 (a claim and what is said where it is false)
    if not fact:
        raise ValueError(otherwise)
