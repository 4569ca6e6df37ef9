"""Clustering as the floors speak of it: runs, the state they start from, what people decide, and the ports.

An identity on a sample is always a person's word: enrolment with a label, a relabelling, or `people name|confirm`. A
run moves samples between clusters and never writes an identity, so no run can overwrite a name. A cluster's identity
is that of its named samples; its other samples are proposals until somebody confirms them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from identity.core.face_quality import FaceQuality
from identity.core.types import NO_ID, Ids, Vectors

NOISE = -1
PEOPLE = "people"  # what an edit that decisions made is called among the algorithms of runs
REEMBEDDED = "reembedded"  # from here on the vectors are of another space: distances of before mean nothing
FIRST_CLUSTER = 1
Mask = NDArray[np.bool_]
Links = NDArray[np.int64]  # (p, 2)


def no_ids() -> Ids:
    """No ids at all."""
    return np.empty(0, np.int64)


def no_links() -> Links:
    """No links at all."""
    return np.empty((0, 2), np.int64)


@dataclass(frozen=True, slots=True)
class Run:
    """One change of a gallery's clusters: a clustering, or (`algo` people) the edit that a decision made.

    `id` is 0 before it is stored; `next_cluster` the smallest number that no cluster ever had after it.
    """

    algo: str  # dbscan, hdbscan, people or reembedded
    mode: str  # full, incremental or decision
    eps: float | None = None
    eps_auto: bool = False
    eps_reason: str = ""
    min_samples: int = 0
    min_cluster_size: int = 0
    n_samples: int = 0
    n_clusters: int = 0
    n_noise: int = 0
    next_cluster: int = FIRST_CLUSTER
    note: str = ""
    min_quality: float = 0.0  # of samples that may be cores; 0 where all may
    id: int = 0
    created_at: str = ""
    undone_at: str | None = None


@dataclass(frozen=True, slots=True)
class ClusterPlaces:
    """Everything a decision starts from, read in one transaction; rows go together, by ascending id.

    `seen` are samples that a run has looked at; the others are new, their label is noise.
    """

    changes: int
    ids: Ids  # (n,) sample ids
    identities: Ids  # (n,) identity ids, NO_ID where nobody named the sample yet
    images: Ids  # (n,) which image each sample is a part of
    labels: Ids  # (n,) cluster numbers
    seen: Mask  # (n,)
    core: Mask  # (n,)
    parties: Ids  # (n,) samples that people said are one and the same, NO_ID where nobody did
    refused_samples: Links  # (q, 2) a party, and a sample's id that it is not
    refused_identities: Links  # (r, 2) a party, and an identity's id that it is not
    run: Run | None  # the clustering run in force
    next_cluster: int

    @property
    def n(self) -> int:
        """How many samples there are."""
        return len(self.labels)


@dataclass(frozen=True, slots=True)
class ClusterState(ClusterPlaces):
    """What a run needs besides: the vectors, and how good the faces are."""

    vectors: Vectors  # (n, dim)
    quality: Mapping[int, FaceQuality] = field(default_factory=dict)  # by row, of faces that were measured


@dataclass(frozen=True, slots=True)
class LabelChanges:
    """Samples whose label or core flag differs from now on."""

    samples: Ids = field(default_factory=no_ids)
    clusters: Ids = field(default_factory=no_ids)
    core: Mask = field(default_factory=lambda: np.empty(0, bool))


@dataclass(frozen=True, slots=True)
class ClusterEdit:
    """What a person decided, as rows to write in one transaction. Sample ids throughout; empty parts change nothing.

    `named` samples get the identity `name` (None: none); `renamed` is an identity whose name becomes `name`.
    `together` become one party, with every party they were in. `apart` are not any of `not_samples`, nor
    `not_identity`: as one party of their own, each by itself, or staying in the parties they are in (`apart_as`).
    """

    note: str
    labels: LabelChanges = field(default_factory=LabelChanges)
    next_cluster: int = FIRST_CLUSTER
    named: Ids = field(default_factory=no_ids)
    name: str | None = None
    renamed: int = NO_ID
    together: Ids = field(default_factory=no_ids)
    apart: Ids = field(default_factory=no_ids)
    apart_as: str = "one"  # one, each or kept
    not_samples: Ids = field(default_factory=no_ids)
    not_identity: int = NO_ID


@dataclass(frozen=True, slots=True)
class PastDecision:
    """One decision of a person as the history has it. `clusters` are those that its samples lay in before.

    `names` are those that whom it was about has now: who was forgotten since is not among them.
    """

    id: int
    made_at: str
    note: str  # the verb: name, rename, merge, split, reject, confirm or relabel
    n_samples: int = 0
    clusters: tuple[int, ...] = ()
    names: tuple[str, ...] = ()
    undone_at: str | None = None


class ClusterStore(Protocol):
    """A gallery's clusters. Every writing method is one transaction that counts as a change of the gallery.

    `changes` is what `state` said; where the gallery changed since, `GalleryChangedError` is raised, nothing written.
    """

    def places(self) -> ClusterPlaces:
        """Samples, labels in force, decisions."""
        ...

    def state(self) -> ClusterState:
        """The same with vectors and qualities, of the same moment."""
        ...

    def apply(self, run: Run, labels: LabelChanges, *, changes: int) -> Run:
        """Record a run and the labels it changes; the run as stored."""
        ...

    def edit(self, edit: ClusterEdit, *, changes: int) -> None:
        """Write down what a person decided, until it is undone, and the change of the clusters that follows from it."""
        ...

    def undo(self) -> Run:
        """Take the latest clustering run back; raises `NotFoundError` where there is none."""
        ...

    def decisions(self) -> list[PastDecision]:
        """Every decision of a person, oldest first, undone ones too."""
        ...

    def undo_decision(self, decision: int | None, *, changes: int) -> PastDecision:
        """Take a decision back, the latest where none is said: its samples are whom and where they were before.

        Raises `NotFoundError` where there is none, `UsageError` where a later one would be lost with it.
        """
        ...

    def contents(self) -> Mapping[int, bytes]:
        """The digest of every image's pixels, by the image ids of `state`."""
        ...

    def runs(self) -> list[Run]:
        """Every run and edit, oldest first."""
        ...
