"""New samples join a clustering by the core-point rule, without a full run.

Incremental DBSCAN for insertions (Ester, Kriegel, Sander, Wimmer and Xu, VLDB 1998): only new samples, and stored
samples near one, can change what they are. Where a new core would join two stored clusters nothing is merged; the
bridge is reported and a person, or the next full run, decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from identity.clustering.checks import check_barred, check_eps, check_min_samples, check_vectors
from identity.clustering.core_neighbours import Contacts, Pairs, core_contacts, pairs_among, pairs_between
from identity.clustering.dbscan.components import NOISE, Labels, merge_components
from identity.core.errors import ClusteringError
from identity.core.types import Vectors

Bridge: TypeAlias = tuple[int, ...]  # stored clusters, ascending, that are one cluster through new cores


@dataclass(frozen=True, slots=True)
class Attachment:
    """What new samples (m,) and stored samples that were no cores (l,) become.

    A cluster that is there already keeps its label; new ones are numbered above the largest. `loose_labels` is -1
    wherever a new or promoted core does not reach: such a sample keeps what it had.
    """

    labels: Labels  # (m,)
    core: NDArray[np.bool_]  # (m,)
    loose_labels: Labels  # (l,)
    loose_core: NDArray[np.bool_]  # (l,) stored samples that the new ones made cores
    bridges: tuple[Bridge, ...]


def attach(
    core_vectors: ArrayLike,
    core_labels: ArrayLike,
    new_vectors: ArrayLike,
    *,
    eps: float,
    min_samples: int,
    loose_vectors: ArrayLike | None = None,
    barred: ArrayLike | None = None,
    precision: str = "auto",
) -> Attachment:
    """Attach new samples (m, dim) to clusters given by their cores (c, dim) and the cores' labels (c,).

    `loose_vectors` (l, dim) are the stored samples that are no cores, border and noise: with them cores and noise
    come out as a full run on everything would have them, bridges left unmerged. Without them a new sample counts only
    cores and other new samples as neighbours. `eps` and `min_samples` as in the run that gave the cores. `barred`
    (m + l,) are new, then loose samples that may be no cores.

    Raises `ClusteringError` as `dbscan` does, and where cores and labels do not go together.
    """
    cores = _check_rows(core_vectors, new_vectors)
    new = check_vectors(new_vectors)
    loose = _check_rows(new[:0] if loose_vectors is None else loose_vectors, new)
    labels = np.asarray(core_labels, np.int64)
    if labels.shape != (len(cores),) or (labels < 0).any():
        raise ClusteringError(f"{labels.shape} labels for {len(cores)} cores: give each core its cluster, 0 or more")
    eps = check_eps(eps)
    min_samples = check_min_samples(min_samples, max(min_samples, 1))
    may_not = check_barred(barred, len(new) + len(loose))
    return _Insertion(cores, labels, loose, new, may_not, eps, min_samples, precision).attach()


def _check_rows(vectors: ArrayLike, new: ArrayLike) -> Vectors:
    rows = np.asarray(vectors, np.float32)
    dim = np.shape(new)[-1] if np.ndim(new) else 0
    if rows.size == 0:
        return np.empty((0, dim), np.float32)
    if rows.ndim != 2 or rows.shape[1] != dim:
        raise ClusteringError(f"stored vectors have shape {rows.shape}, new ones dimension {dim}: use one model")
    return check_vectors(rows)


@dataclass(frozen=True, slots=True)
class _Insertion:
    """One insertion. Fresh samples are the new ones, then the loose ones that a new one touches."""

    cores: Vectors
    core_labels: Labels
    loose: Vectors
    new: Vectors
    barred: NDArray[np.bool_]  # (m + l,)
    eps: float
    min_samples: int
    precision: str

    def attach(self) -> Attachment:
        m = len(self.new)
        touched = np.unique(self._pairs_between(self.new, self.loose).second)
        fresh = np.concatenate([self.new, self.loose[touched]])
        contacts = core_contacts(fresh, self.cores, self.core_labels, eps=self.eps, precision=self.precision)
        among = pairs_among(fresh, eps=self.eps, precision=self.precision)
        rest = np.setdiff1d(np.arange(len(self.loose)), touched)
        outer = self._pairs_between(fresh[m:], self.loose[rest])  # a new sample touches none of these
        degree = 1 + contacts.degree + among.degree(len(fresh))
        degree[m:] += np.bincount(outer.first, minlength=len(touched))
        barred = np.concatenate([self.barred[:m], self.barred[m:][touched]])
        core = (degree >= self.min_samples) & ~barred
        labels, bridges = self._labels(core, contacts, among)
        return self._answer(labels, core, bridges, touched=touched, rest=rest, outer=outer)

    def _pairs_between(self, rows: Vectors, columns: Vectors) -> Pairs:
        return pairs_between(rows, columns, eps=self.eps, precision=self.precision)

    def _labels(
        self, core: NDArray[np.bool_], contacts: Contacts, among: Pairs
    ) -> tuple[Labels, tuple[Bridge, ...]]:
        """Labels (f,) of the fresh samples and the bridges between stored clusters."""
        joined = core[among.first] & core[among.second]
        group = merge_components(
            np.arange(len(core), dtype=np.int32),
            among.first[joined].astype(np.int32),
            among.second[joined].astype(np.int32),
        )
        touching = core[contacts.row]
        reached = _lowest(group[contacts.row[touching]], contacts.label[touching], len(core))
        own = _lowest(contacts.row[touching], contacts.label[touching], len(core))
        labels = np.where(own != NOISE, own, reached[group])
        labels[~core] = NOISE
        unnamed = core & (labels == NOISE)
        _, numbers = np.unique(group[unnamed], return_inverse=True)
        labels[unnamed] = int(self.core_labels.max(initial=NOISE)) + 1 + numbers
        bridges = _bridges(group[contacts.row[touching]], contacts.label[touching])
        return _with_borders(labels, core, contacts, among), bridges

    def _answer(
        self,
        labels: Labels,
        core: NDArray[np.bool_],
        bridges: tuple[Bridge, ...],
        *,
        touched: NDArray[np.intp],
        rest: NDArray[np.intp],
        outer: Pairs,
    ) -> Attachment:
        m = len(self.new)
        loose_labels = np.full(len(self.loose), NOISE, np.int64)
        loose_core = np.zeros(len(self.loose), bool)
        loose_labels[touched], loose_core[touched] = labels[m:], core[m:]
        promoted = core[m:][outer.first]
        loose_labels[rest] = _lowest(outer.second[promoted], labels[m:][outer.first[promoted]], len(rest))
        return Attachment(labels[:m], core[:m], loose_labels, loose_core, bridges)


def _lowest(at: NDArray[np.integer], labels: Labels, n: int) -> Labels:
    """The lowest label (n,) given for each place, -1 where none is."""
    lowest = np.full(n, np.iinfo(np.int64).max)
    np.minimum.at(lowest, at, labels)
    return np.where(lowest == np.iinfo(np.int64).max, NOISE, lowest)


def _with_borders(labels: Labels, core: NDArray[np.bool_], contacts: Contacts, among: Pairs) -> Labels:
    """Samples that are no cores take the lowest label among the cores they touch."""
    forward, backward = core[among.first], core[among.second]
    at = np.concatenate([contacts.row, among.second[forward], among.first[backward]])
    given = np.concatenate([contacts.label, labels[among.first[forward]], labels[among.second[backward]]])
    return np.where(core, labels, _lowest(at, given, len(core)))


def _bridges(groups: NDArray[np.int32], labels: Labels) -> tuple[Bridge, ...]:
    """What groups of fresh cores touch, given group by group and label by label, where it is more than one cluster."""
    touched: dict[int, set[int]] = {}
    for at, label in zip(groups.tolist(), labels.tolist(), strict=True):
        touched.setdefault(at, set()).add(label)
    return tuple(tuple(sorted(clusters)) for _, clusters in sorted(touched.items()) if len(clusters) > 1)
