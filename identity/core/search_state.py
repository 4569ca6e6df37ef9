"""What a store tells a search: the snapshot file it vouches for, the samples that the file does not show, and names."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from identity.core.calibration import Calibration
from identity.core.types import Ids, Labelled

SMALL = 2_000  # samples that may live outside the snapshot: reading them costs a few milliseconds
SHARE = 0.05  # of the snapshot's length, where that is more
NAME = 16  # digits of a token that name its file


def most_outside(length: int) -> int:
    """How many samples may have come, gone or changed since a snapshot of this length was made."""
    return max(SMALL, int(SHARE * length))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the database says of a snapshot file that it vouches for: the one of one home."""

    token: str  # random, 32 hex digits; also in the file's header
    gallery: str  # uuid
    space: str
    last_id: int  # every gallery sample up to this id is in the file, unless superseded since
    dim: int
    length: int  # rows in the file

    @property
    def name(self) -> str:
        """What its file is called by, beside the gallery."""
        return self.token[:NAME]


@dataclass(frozen=True, slots=True)
class SearchState:
    """All that a search needs beside the snapshot file, read in one transaction.

    `superseded` are samples of the snapshot that were removed or relabelled since; `later` are the gallery
    samples that the snapshot does not have, or has under another identity.
    """

    changes: int
    snapshot: Snapshot | None
    superseded: Ids
    later: Labelled

    @property
    def length(self) -> int:
        """How many samples the snapshot shows."""
        return 0 if self.snapshot is None else self.snapshot.length

    @property
    def outside(self) -> int:
        """How many samples came, went or changed since it was made."""
        return len(self.later.ids) + len(self.superseded)


@dataclass(frozen=True, slots=True)
class SearchView:
    """A search state, and the thresholds and names that hold with it: all of one moment."""

    changes: int
    state: SearchState | None  # None: no file at hand shows nearly all of the gallery
    calibration: Calibration | None = None  # None: there is none, or it was not asked for
    names: Mapping[int, str] = field(default_factory=dict)


class IndexFiles(Protocol):
    """The index files that the database vouches for: one of each home that searches a gallery."""

    def in_force(self) -> set[str]:
        """The names of all of them, whichever home they lie in."""
        ...

    def withdraw(self, names: Collection[str] | None = None) -> None:
        """Vouch no more for the files of these names, or for none at all."""
        ...

    def publish(self, snapshot: Snapshot, *, changes: int, replacing: Collection[str] | None = None) -> None:
        """Vouch for a written snapshot file; `changes` is what `all_vectors` said when it was read.

        Files of the names in `replacing` are in force no more; with None, no other file is.
        """
        ...
