"""What a second look at known images may change: where they lie, and the names of samples that had none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from identity.core.types import Sample


@dataclass(frozen=True, slots=True)
class KnownImage:
    """An image that the store has, and the samples that were seen in it."""

    id: int
    path: str | bytes  # bytes where they are not UTF-8
    row: int | None
    content: bytes
    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True)
class Revision:
    """New paths by image id, as shown and in bytes where these differ; names by the id of a sample without one."""

    paths: Mapping[int, tuple[str, bytes | None]] = field(default_factory=dict)
    names: Mapping[int, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether there is anything to change."""
        return bool(self.paths or self.names)


class SecondLook(Protocol):
    """Known images that are looked at again in the transaction that writes what is new."""

    @property
    def contents(self) -> Sequence[bytes]:
        """Contents of the images looked at."""
        ...

    def __call__(self, known: Sequence[KnownImage], /) -> Revision:
        """What is to change, from what the store has of them; called again, it starts anew."""
        ...


@dataclass(frozen=True, slots=True)
class LabelConflict:
    """A photograph whose label is not what its sample is called; `sample` is None where no face of it was chosen."""

    source: str
    label: str
    sample: int | None = None
    identity: str | None = None

    def __str__(self) -> str:
        """As a person is told, with what to do."""
        if self.sample is None:
            return f"{self.source} is labelled '{self.label}', but no face of it was chosen: name one of its samples"
        if self.identity is None:
            return (
                f"{self.source} calls sample {self.sample} '{self.label}', which another face of it is called, or "
                "somebody said it is not: it stays without a name, 'identity samples relabel' gives it one"
            )
        return (
            f"{self.source} is labelled '{self.label}', but is called '{self.identity}' and stays so: "
            f"'identity samples relabel {self.sample} --as NAME' changes it"
        )
