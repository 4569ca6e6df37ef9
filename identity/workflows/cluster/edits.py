"""`people`: name, merge, split, reject and confirm. Each is a decision for ever, and an edit of the clusters at once.

Somebody is meant by a cluster's number (`c12`, or 12 where nobody bears that name) or by a name, which stands for the
named samples and for the clusters they lie in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from identity.core.clusters import NOISE, ClusterEdit, ClusterState, LabelChanges
from identity.core.errors import NotFoundError, UsageError
from identity.core.types import NO_ID, Ids
from identity.workflows.cluster.constraints import Rows, same_photograph

MOST_REFUSALS = 100_000


@dataclass(frozen=True, slots=True)
class Somebody:
    """Who is meant: their rows, their identity (NO_ID where nobody named them), and what they were called."""

    rows: Rows
    identity: int
    called: str


@dataclass(frozen=True, slots=True)
class Gathering:
    """A gallery's state with its names, as decisions need them."""

    gallery: str
    state: ClusterState
    names: Mapping[int, str]

    def find(self, who: str) -> Somebody:
        """The rows of a cluster or of a name. Raises `NotFoundError`."""
        by_name = {name: identity for identity, name in self.names.items()}
        if who in by_name:
            return self._named(by_name[who], who)
        number = re.fullmatch(r"c?(\d+)", who)
        rows = np.flatnonzero(self.state.labels == int(number[1])) if number else np.empty(0, np.intp)
        if not len(rows):
            raise NotFoundError(
                f"gallery '{self.gallery}' has no cluster and nobody called '{who}': "
                f"see 'identity people list -g {self.gallery}'"
            )
        told = self.state.labelled.identities[rows]
        identities, counts = np.unique(told[told != NO_ID], return_counts=True)
        return Somebody(rows, int(identities[np.argmax(counts)]) if len(identities) else NO_ID, who)

    def _named(self, identity: int, who: str) -> Somebody:
        own = self.state.labelled.identities == identity
        clusters = self.state.labels[own & (self.state.labels != NOISE)]
        told = self.state.labelled.identities
        rows = own | (np.isin(self.state.labels, clusters) & (told == NO_ID))
        return Somebody(np.flatnonzero(rows), identity, who)

    def rows_of(self, samples: Sequence[int], among: Somebody) -> Rows:
        """Rows of sample ids that must be of somebody. Raises `NotFoundError`."""
        ids = self.state.labelled.ids
        strange = sorted(set(samples) - set(ids[among.rows].tolist()))
        if strange:
            raise NotFoundError(
                f"sample {strange[0]} is not of '{among.called}': see 'identity people show {among.called} "
                f"-g {self.gallery}'"
            )
        return np.searchsorted(ids, np.unique(np.array(samples, np.int64)))

    def edit(self, rows: Rows, clusters: Ids | int) -> LabelChanges:
        """These rows lie in these clusters from now on."""
        labels = np.broadcast_to(np.asarray(clusters, np.int64), rows.shape)
        return LabelChanges(self.state.labelled.ids[rows], labels.copy(), self.state.core[rows])

    def ids(self, rows: Rows) -> Ids:
        """Sample ids of rows."""
        chosen: Ids = self.state.labelled.ids[rows]
        return chosen


def name(here: Gathering, who: str, new: str) -> ClusterEdit:
    """Give a cluster's samples an identity, or an identity another name.

    A name that somebody bears already makes a cluster theirs, as `merge` does. Raises `UsageError`.
    """
    meant = here.find(who)
    if not new.strip():
        raise UsageError("a name needs at least one letter: give one, such as 'Ada'")
    if meant.identity != NO_ID:
        return ClusterEdit("rename", renamed=meant.identity, name=new)
    if new in here.names.values():
        return merge(here, [who, new], as_name=new)
    _require_one_person(here, meant.rows, new)
    return ClusterEdit("name", named=here.ids(meant.rows), name=new)


def merge(here: Gathering, who: Sequence[str], *, as_name: str | None = None) -> ClusterEdit:
    """They are all one person: under the name that one of them bears, under a new one, or as yet under none."""
    if len(set(who)) < 2:
        raise UsageError("merging takes two or more: give clusters or names")
    found = [here.find(one) for one in who]
    rows = np.unique(np.concatenate([one.rows for one in found]))
    called = _one_name(here, found, as_name)
    _require_one_person(here, rows, called or "one person")
    target = _largest_cluster(here, rows)
    edit, after = here.edit(rows, target), max(here.state.next_cluster, target + 1)
    if called is None:
        return ClusterEdit("merge", edit, after, together=here.ids(rows))
    return ClusterEdit("merge", edit, after, named=here.ids(rows), name=called)


def split(here: Gathering, who: str, samples: Sequence[int]) -> ClusterEdit:
    """These samples are somebody else, all of them one person: a cluster of their own, never again with the rest."""
    meant, leaving, rest = _parted(here, who, samples)
    fresh = here.state.next_cluster if len(leaving) > 1 else NOISE
    rows = np.concatenate([leaving, rest])
    labels = np.concatenate([np.full(len(leaving), fresh), here.state.labels[rest]])
    return ClusterEdit(
        "split",
        here.edit(rows, labels),
        here.state.next_cluster + 1,
        named=here.ids(leaving[here.state.labelled.identities[leaving] != NO_ID]),
        apart=here.ids(leaving),
        apart_as="one",
        not_samples=here.ids(_unnamed(here, rest, meant)),
        not_identity=meant.identity,
    )


def reject(here: Gathering, who: str, samples: Sequence[int]) -> ClusterEdit:
    """None of these samples is this person; who they are, and whether they are one, is open."""
    meant, leaving, rest = _parted(here, who, samples)
    if len(leaving) * len(rest) > MOST_REFUSALS:
        raise UsageError(f"{len(leaving)} samples against {len(rest)} are too many to reject one by one: use split")
    rows = np.concatenate([leaving, rest])
    labels = np.concatenate([np.full(len(leaving), NOISE), here.state.labels[rest]])
    return ClusterEdit(
        "reject",
        here.edit(rows, labels),
        here.state.next_cluster,
        named=here.ids(leaving[here.state.labelled.identities[leaving] != NO_ID]),
        apart=here.ids(leaving),
        apart_as="each",
        not_samples=here.ids(_unnamed(here, rest, meant)),
        not_identity=meant.identity,
    )


def reject_name(here: Gathering, who: str, called: str) -> ClusterEdit:
    """Whoever this cluster is, it is not the person of this name: that is never suggested again."""
    meant, other = here.find(who), here.find(called)
    if other.identity == NO_ID:
        raise UsageError(f"'{called}' is not a name: give samples of '{who}' to reject, or a name with --name")
    if meant.identity == other.identity:
        raise UsageError(f"'{who}' is '{called}': reject single samples of it, or split it")
    return ClusterEdit("reject", apart=here.ids(meant.rows), apart_as="kept", not_identity=other.identity)


def confirm(here: Gathering, who: str, samples: Sequence[int] = ()) -> ClusterEdit:
    """The unnamed samples of a named cluster, or some of them, are that person."""
    meant = here.find(who)
    if meant.identity == NO_ID:
        raise UsageError(f"'{who}' has no name to confirm: give it one with 'identity people name {who} NAME'")
    chosen = here.rows_of(samples, meant) if samples else meant.rows
    called = here.names[meant.identity]
    _require_one_person(here, np.union1d(chosen, np.flatnonzero(_own(here, meant.identity))), called)
    return ClusterEdit("confirm", named=here.ids(chosen), name=called)


def _unnamed(here: Gathering, rows: Rows, meant: Somebody) -> Rows:
    """Those of the rows that an identity does not speak for."""
    return rows if meant.identity == NO_ID else rows[~_own(here, meant.identity)[rows]]


def _own(here: Gathering, identity: int) -> np.ndarray:
    return np.asarray(here.state.labelled.identities == identity)


def _parted(here: Gathering, who: str, samples: Sequence[int]) -> tuple[Somebody, Rows, Rows]:
    meant = here.find(who)
    if not samples:
        raise UsageError(f"say which samples of '{who}': see 'identity people show {who} -g {here.gallery}'")
    leaving = here.rows_of(samples, meant)
    rest = np.setdiff1d(meant.rows, leaving)
    if not len(rest):
        raise UsageError(f"these are all samples of '{who}': leave at least one that is")
    return meant, leaving, rest


def _one_name(here: Gathering, found: Sequence[Somebody], as_name: str | None) -> str | None:
    if as_name is not None:
        return as_name
    names = sorted({here.names[one.identity] for one in found if one.identity != NO_ID})
    if len(names) > 1:
        raise UsageError(f"they are called {' and '.join(names)}: say with --as which name is right")
    return names[0] if names else None


def _largest_cluster(here: Gathering, rows: Rows) -> int:
    labels = here.state.labels[rows]
    clusters, counts = np.unique(labels[labels != NOISE], return_counts=True)
    return int(clusters[np.argmax(counts)]) if len(clusters) else here.state.next_cluster


def _require_one_person(here: Gathering, rows: Rows, called: str) -> None:
    """Raises `UsageError` where two of the rows are regions of one photograph."""
    pairs = same_photograph(here.state.images[rows])
    if len(pairs):
        a, b = here.ids(rows)[pairs[0]].tolist()
        raise UsageError(
            f"samples {a} and {b} are two faces of one photograph and cannot both be {called}: "
            "split or reject one of them first"
        )
