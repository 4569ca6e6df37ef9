"""What a store tells a search: the snapshot file it vouches for, the samples that the file does not show, and names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from identity.core.calibration import Calibration
from identity.core.types import Ids, Labelled


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the database says of the one snapshot file it vouches for."""

    token: str  # random, 32 hex digits; also in the file's header
    gallery: str  # uuid
    space: str
    last_id: int  # every gallery sample up to this id is in the file, unless superseded since
    dim: int
    length: int  # rows in the file


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


@dataclass(frozen=True, slots=True)
class SearchView:
    """A search state, and the thresholds and names that hold with it: all of one moment."""

    state: SearchState
    calibration: Calibration | None = None  # None: there is none, or it was not asked for
    names: Mapping[int, str] = field(default_factory=dict)
