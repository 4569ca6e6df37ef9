"""Makes a model file of the parts that its publisher offers, each checked before anything in it is read."""

from __future__ import annotations

from pathlib import Path

from identity.core.errors import ModelError
from identity.zoo.digest import check_digest
from identity.zoo.fetch import Progress, fetch
from identity.zoo.locating import Supply
from identity.zoo.release import Release

CURE = "nothing was installed, try again or use another mirror"


def make(release: Release, staging: Path, *, supply: Supply, progress: Progress | None = None) -> Path:
    """The ONNX file made of a release's `.xml` and `.bin`, in `staging`.

    Raises `ModelError` where a part cannot be had or is not the published one; what `Supply.place_of` raises.
    """
    from identity.zoo.openvino.converting import convert

    places = [supply.place_of(part.address) for part in release.made_of]
    contents = []
    for part, place in zip(release.made_of, places, strict=True):
        fetched = staging / part.file
        fetch(place, fetched, progress=progress)
        check_digest(fetched, part.sha384, "sha384", size_bytes=part.size_bytes, cure=CURE)
        contents.append(_content(fetched))
    made = staging / release.file
    _write(made, convert(*contents, name=made.stem))
    return made


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelError(f"cannot read {path} ({error.strerror}): check its permissions") from error


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise ModelError(f"cannot write {path} ({error.strerror}): check permissions and free space") from error
