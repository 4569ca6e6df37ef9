"""`people`: name, merge, split, reject, confirm. Each is a decision to keep, and an edit of the clusters at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from identity.core.clusters import NOISE, ClusterEdit
from identity.core.errors import UsageError
from identity.core.types import NO_ID
from identity.workflows.cluster.constraints import Rows, same_photograph
from identity.workflows.cluster.somebody import Gathering, Somebody

MOST_REFUSALS = 100_000


@dataclass(frozen=True, slots=True)
class _Separation:
    """Somebody's rows: those that leave, and the rest."""

    meant: Somebody
    leaving: Rows
    rest: Rows


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
    parted = _separation(here, who, samples)
    fresh = here.state.next_cluster
    cluster = fresh if len(parted.leaving) > 1 else NOISE
    return _take_away(here, parted, note="split", apart_as="one", cluster=cluster, next_cluster=fresh + 1)


def reject(here: Gathering, who: str, samples: Sequence[int]) -> ClusterEdit:
    """None of these samples is this person; who they are, and whether they are one, is open."""
    parted = _separation(here, who, samples)
    leaving, rest = len(parted.leaving), len(parted.rest)
    if leaving * rest > MOST_REFUSALS:
        raise UsageError(f"{leaving} samples against {rest} are too many to reject one by one: use split")
    next_cluster = here.state.next_cluster
    return _take_away(here, parted, note="reject", apart_as="each", cluster=NOISE, next_cluster=next_cluster)


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


def _take_away(
    here: Gathering, parted: _Separation, *, note: str, apart_as: str, cluster: int, next_cluster: int
) -> ClusterEdit:
    """Those who leave lie in the cluster, lose the name they had, and never meet the rest again."""
    leaving, rest = parted.leaving, parted.rest
    labels = np.concatenate([np.full(len(leaving), cluster), here.state.labels[rest]])
    return ClusterEdit(
        note,
        here.edit(np.concatenate([leaving, rest]), labels),
        next_cluster,
        named=here.ids(leaving[here.state.identities[leaving] != NO_ID]),
        apart=here.ids(leaving),
        apart_as=apart_as,
        not_samples=here.ids(_rows_without_identity(here, rest, parted.meant)),
        not_identity=parted.meant.identity,
    )


def _rows_without_identity(here: Gathering, rows: Rows, meant: Somebody) -> Rows:
    """Those of the rows that an identity does not speak for."""
    return rows if meant.identity == NO_ID else rows[~_own(here, meant.identity)[rows]]


def _own(here: Gathering, identity: int) -> np.ndarray:
    return np.asarray(here.state.identities == identity)


def _separation(here: Gathering, who: str, samples: Sequence[int]) -> _Separation:
    meant = here.find(who)
    if not samples:
        raise UsageError(f"say which samples of '{who}': see 'identity people show {who} -g {here.gallery}'")
    leaving = here.rows_of(samples, meant)
    rest = np.setdiff1d(meant.rows, leaving)
    if not len(rest):
        raise UsageError(f"these are all samples of '{who}': leave at least one that is")
    return _Separation(meant, leaving, rest)


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
