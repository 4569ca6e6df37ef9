"""Where a model of the catalogue comes from."""

from __future__ import annotations

from dataclasses import dataclass

from identity.core.model import ModelManifest


@dataclass(frozen=True, slots=True)
class Part:
    """A published file that a model is made of, with the digest that its publisher gives."""

    address: str
    sha384: str
    size_bytes: int

    @property
    def file(self) -> str:
        """Name of the file, under which a mirror has it too."""
        return self.address.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Release:
    """Where a model comes from: `address` is fetched, `member` is the file inside it where it is a zip.

    An `address` without a host is a file that nobody publishes in this form: a mirror may have it. `sha256` and
    `size_bytes` are those of what is fetched; None where none is published, then the digest is pinned on first use.
    `convert` marks weights that are no ONNX file yet. `restricted` licences must be accepted by name.
    `made_of` are the `.xml` and the `.bin` of OpenVINO's form, of which the file is made where it is not to be had.
    """

    address: str
    member: str | None = None
    sha256: str | None = None
    size_bytes: int | None = None
    restricted: bool = False
    convert: bool = False
    made_of: tuple[Part, ...] = ()

    @property
    def file(self) -> str:
        """Name of the file that is fetched, under which a mirror has it too."""
        return self.address.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Entry:
    """A model's facts and where it comes from. In `manifest`, `bytes` is 0 and `sha256` empty where not published."""

    manifest: ModelManifest
    release: Release
