"""A bundle that was damaged or altered is refused in one line and nothing is written; or it says what it said."""

from __future__ import annotations

import hashlib
import io
import json
import random
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from bundle_worlds import NO_MODELS, answers

from identity.bundles.reading import read_bundle
from identity.core.errors import BundleError, IdentityError, NotFoundError
from identity.workflows.moving import import_gallery

Members = dict[str, bytes]
MUTATIONS = 150


def unpacked(path: Path) -> Members:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(members: Members, path: Path, *, method: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def flipped(content: bytes, rng: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(rng.choice((1, 1, 1, 8))):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def signed(said: dict) -> bytes:
    """A manifest with a digest of its own, as somebody would write it who knows how."""
    said = {key: value for key, value in said.items() if key != "sha256"}
    digest = hashlib.sha256((json.dumps(said, indent=1, sort_keys=True) + "\n").encode()).hexdigest()
    return json.dumps(said | {"sha256": digest}).encode()


def with_part(members: Members, name: str, array: np.ndarray) -> Members:
    """The same bundle with another array, every digest right."""
    stream = io.BytesIO()
    np.save(stream, array)
    said = json.loads(members["manifest.json"])
    content = stream.getvalue()
    digest = hashlib.sha256(content).hexdigest()
    said["parts"][name] = {"dtype": array.dtype.str, "shape": list(array.shape), "sha256": digest}
    return members | {name: content, "manifest.json": signed(said)}


def part(members: Members, name: str) -> np.ndarray:
    return np.load(io.BytesIO(members[name])).copy()


def mutated(path: Path, rng: random.Random) -> bytes:
    """The file with something wrong in it: bits, its end, two parts, a word of its manifest, a part that is gone."""
    whole, members = path.read_bytes(), unpacked(path)
    way = rng.choice(("flip", "flip", "cut", "swap", "manifest", "drop", "splice"))
    names = sorted(members)
    match way:
        case "flip":
            return flipped(whole, rng)
        case "cut":
            return whole[: rng.randrange(len(whole))]
        case "splice":
            at = rng.randrange(len(whole))
            return whole[:at] + whole[at + rng.randrange(1, 99) :]
        case "swap":
            one, other = rng.sample(names, 2)
            members[one], members[other] = members[other], members[one]
        case "manifest":
            members["manifest.json"] = flipped(members["manifest.json"], rng)
        case "drop":
            del members[rng.choice(names)]
    stream = path.with_name("mutated")
    return packed(members, stream).read_bytes()


def test_of_many_damaged_files_none_is_believed(there, bundle, tmp_path):
    rng, refused = random.Random(11), 0
    sound, wrong = read_bundle(bundle), tmp_path / "wrong.bundle"
    for number in range(MUTATIONS):
        wrong.write_bytes(mutated(bundle, rng))
        try:
            assert read_bundle(wrong) == sound, number
        except IdentityError:
            refused += 1
            with pytest.raises(IdentityError, match=r"^[^\n]+: [^\n]+$"):
                import_gallery(there, wrong, name=None, merge_names=True, entrance=NO_MODELS)
    assert refused > MUTATIONS // 2
    assert there.galleries.list() == []


def test_a_refused_file_leaves_a_gallery_as_it_was(filled, bundle, tmp_path):
    before = answers(filled)
    members = unpacked(bundle)
    damaged = flipped(members["vector/vector.npy"], random.Random(1))
    wrong = packed(members | {"vector/vector.npy": damaged}, tmp_path / "wrong")
    with pytest.raises(BundleError):
        import_gallery(filled, wrong, name=None, merge_names=True, entrance=NO_MODELS)
    assert answers(filled) == before


def first(array: np.ndarray, value: object) -> np.ndarray:
    array.flat[0] = value
    return array


ARRAYS: dict[str, tuple[str, Callable[[np.ndarray], np.ndarray], str]] = {
    "a place beyond the table": ("sample/image.npy", lambda a: first(a, 999), "refers to rows that are not there"),
    "a place below the table": ("sample/identity.npy", lambda a: first(a, -2), "refers to rows that are not there"),
    "no image": ("sample/image.npy", lambda a: first(a, -1), "refers to rows that are not there"),
    "a number that is none": ("sample/score.npy", lambda a: first(a, np.nan), "no number"),
    "an endless number": ("sample/score.npy", lambda a: first(a, np.inf), "no number"),
    "a long vector": ("vector/vector.npy", lambda a: a * np.float32(1.1), "crc32"),
    "another type": ("sample/score.npy", lambda a: a.astype(np.float32), "another type or shape"),
    "a row too few": ("sample/score.npy", lambda a: a[1:], "another type or shape"),
    "objects": ("identity/name.npy", lambda a: a.astype("S1"), "another type or shape"),
    "a length too long": ("identity/name_length.npy", lambda a: first(a, 2**62), "impossible lengths"),
    "a length below none": ("image/skipped_length.npy", lambda a: first(a, -7), "impossible lengths"),
    "lengths that do not fill": ("identity/name_length.npy", lambda a: first(a, 0), "not as long as its lengths"),
    "a text that is none": ("identity/name.npy", lambda a: first(a, 0xFF), "decode"),
    "a role that is none": ("sample/role.npy", lambda a: first(a, ord("z")), "unknown role"),
    "two of one name": ("identity/name.npy", lambda a: np.frombuffer(b"adaada", np.uint8), "the same name"),
    "two labels of one run": ("cluster_label/sample.npy", lambda a: a * 0, "the same run and sample"),
    "a refusal of nothing": ("refusal/sample.npy", lambda a: a * 0 - 1, "one target"),
    "a name set aside": ("set_aside/sample.npy", lambda a: a * 0, "a sample with a name is set aside"),
    "more samples than there are": ("calibration/last_sample.npy", lambda a: first(a, 99), "samples it lacks"),
    "thresholds of a word": ("calibration/facts.npy", lambda a: first(a, ord("!")), "no sound bundle"),
    "scores that are none": ("calibration/pooled_scores.npy", lambda a: a * 0 + np.uint8(255), "no numbers"),
}


@pytest.mark.parametrize("what", ARRAYS)
def test_a_file_whose_digests_are_right_is_looked_at_all_the_same(bundle, tmp_path, what):
    name, change, why = ARRAYS[what]
    members = unpacked(bundle)
    wrong = packed(with_part(members, name, change(part(members, name))), tmp_path / "wrong")
    with pytest.raises(BundleError, match=why):
        read_bundle(wrong)


def test_a_vector_that_is_not_of_length_1_is_refused_even_where_its_crc32_fits(bundle, tmp_path):
    members = unpacked(bundle)
    vectors = part(members, "vector/vector.npy") * np.float32(1.01)
    sums = np.array([zlib.crc32(vector.tobytes()) for vector in vectors])
    members = with_part(with_part(members, "vector/vector.npy", vectors), "vector/crc32.npy", sums)
    with pytest.raises(BundleError, match="not of length 1"):
        read_bundle(packed(members, tmp_path / "wrong"))


def test_the_same_array_written_by_numpy_is_not_what_is_refused(bundle, tmp_path):
    members = unpacked(bundle)
    again = packed(with_part(members, "sample/score.npy", part(members, "sample/score.npy")), tmp_path / "again")
    assert read_bundle(again) == read_bundle(bundle)


def said(members: Members, **facts: object) -> Members:
    return members | {"manifest.json": signed(json.loads(members["manifest.json"]) | facts)}


FILES: dict[str, tuple[Callable[[Members, Path], Path], str]] = {
    "compressed": (lambda m, p: packed(m, p, method=zipfile.ZIP_DEFLATED), "compressed"),
    "an unknown part": (lambda m, p: packed(m | {"x.npy": b""}, p), "not those that the manifest names"),
    "no manifest": (lambda m, p: packed({"a": b""}, p), "no manifest"),
    "an endless manifest": (lambda m, p: packed({"manifest.json": b" " * (1 << 21)}, p), "too long"),
    "another format": (lambda m, p: packed(said(m, format="x"), p), "of no gallery"),
    "a newer version": (lambda m, p: packed(said(m, version=4), p), "install a newer version"),
    "counts of half rows": (lambda m, p: packed(said(m, counts={"sample": 1.5}), p), "its tables are others"),
    "denied crops": (lambda m, p: packed(said(m, crops=False), p), "denies"),
    "altered words": (
        lambda m, p: packed(m | {"manifest.json": m["manifest.json"].replace(b"people", b"people2")}, p), "altered",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", FILES)
def test_a_file_of_another_make_is_refused(bundle, tmp_path, what):
    make, why = FILES[what]
    with pytest.raises(BundleError, match=why):
        read_bundle(make(unpacked(bundle), tmp_path / "wrong"))


def test_a_file_that_is_not_there_is_not_found(tmp_path):
    with pytest.raises(NotFoundError):
        read_bundle(tmp_path / "nothing")
