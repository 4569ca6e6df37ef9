"""Measure a gallery's decisions on images whose truth is known: the right name, the wrong one, or rightly unknown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

from identity.core import metrics
from identity.core.errors import UsageError
from identity.core.types import NO_ID, Nearest, SourceImage
from identity.core.verdict import VERDICTS, Decisions
from identity.workflows.batches import batches
from identity.workflows.describe import Pipeline
from identity.workflows.query import BATCH_IMAGES, Asked, nearest_samples

FPRS = (1e-1, 1e-2, 1e-3)
NEIGHBOURS = 5


@dataclass(frozen=True, slots=True)
class Judged:
    """What was decided about the n images of one source, in columns. A row whose image had no ink is unknown."""

    images: Sequence[SourceImage]
    truth: NDArray[np.str_]  # (n,) the source's own labels
    nearest: NDArray[np.str_]  # (n,) label of the nearest sample
    voted: NDArray[np.str_]  # (n,) majority of the 5 nearest samples, the nearer wins a tie
    identity: NDArray[np.str_]  # (n,) the name given where known, else ""
    own_accepted: NDArray[np.bool_]  # (n,) whether the true identity was accepted
    score: NDArray[np.float64]
    distance: NDArray[np.float64]
    threshold: NDArray[np.float64]
    p_value: NDArray[np.float64]
    verdict: NDArray[np.int8]  # (n,) places in VERDICTS

    def verdict_name(self, row: int) -> str:
        """The verdict in the words of every document."""
        return VERDICTS[self.verdict[row]].value


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its two-sided 95 % Clopper-Pearson interval (Clopper & Pearson 1934)."""

    value: float
    low: float
    high: float
    count: int
    n: int

    @classmethod
    def of(cls, hits: NDArray[np.bool_]) -> Share:
        """The share of True in (n,)."""
        count, n = int(hits.sum()), len(hits)
        if not n:
            return cls(float("nan"), 0.0, 1.0, 0, 0)
        low = 0.0 if count == 0 else float(beta.ppf(0.025, count, n - count + 1))
        high = 1.0 if count == n else float(beta.ppf(0.975, count + 1, n - count))
        return cls(count / n, low, high, count, n)


@dataclass(frozen=True, slots=True)
class KnownFigures:
    """How the gallery does on images of its own identities."""

    n: int
    accuracy_1nn: Share
    accuracy_5nn: Share
    refused: Share  # own identity not accepted: what alpha promises
    unknown: Share  # no identity accepted
    ambiguous: Share
    wrong: Share  # known, by another name
    refused_per_label: Mapping[str, Share]
    unknown_per_label: Mapping[str, Share]


@dataclass(frozen=True, slots=True)
class UnknownFigures:
    """How well one source of strangers is told from the known images."""

    source: str
    n: int
    auroc: float
    fpr95: float
    ccr_at_fpr: Mapping[str, float]
    oscr: float
    accepted: Share  # known or ambiguous
    accepted_per_label: Mapping[str, Share]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All figures, and the rows behind them."""

    known: KnownFigures
    unknown: tuple[UnknownFigures, ...]
    judged_known: Judged
    judged_unknown: tuple[Judged, ...]


def evaluate(
    known: Iterable[SourceImage],
    unknown: Sequence[tuple[str, Iterable[SourceImage]]],
    *,
    pipeline: Pipeline,
    asked: Asked,
    on_progress: Callable[[int], None] = lambda _count: None,
) -> Evaluation:
    """Judge labelled images of the gallery's identities and, per source, images of strangers.

    Raises `UsageError` where the known images carry no labels or none of them is an identity of the gallery.
    """
    judged = judge(known, pipeline=pipeline, asked=asked, on_progress=on_progress)
    if not np.isin(judged.truth, list(asked.names.values())).any():
        raise UsageError("no label of the known images is an identity of the gallery: check --known and --gallery")
    strangers = [judge(images, pipeline=pipeline, asked=asked, on_progress=on_progress) for _, images in unknown]
    figures = tuple(_unknown_figures(name, judged, one) for (name, _), one in zip(unknown, strangers, strict=True))
    return Evaluation(_known_figures(judged), figures, judged, tuple(strangers))


def judge(
    images: Iterable[SourceImage], *, pipeline: Pipeline, asked: Asked, on_progress: Callable[[int], None]
) -> Judged:
    """Decide about every readable image of a source; the first region of an image stands for it."""
    parts = []
    for batch in batches(images, size=BATCH_IMAGES):
        readable = [image for image in batch if image.error is None]
        parts.append(_judge_batch(readable, pipeline, asked))
        on_progress(len(batch))
    if not any(len(part.images) for part in parts):
        raise UsageError("a source has no readable image: check the paths given")
    return _joined(parts)


def _joined(parts: Sequence[Judged]) -> Judged:
    columns = [name for name in Judged.__slots__ if name != "images"]
    joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in columns}
    return Judged(images=[image for part in parts for image in part.images], **joined)


def _judge_batch(images: Sequence[SourceImage], pipeline: Pipeline, asked: Asked) -> Judged:
    described = pipeline.describe(images)
    vectors = [row[0].vector if row else None for row in described]
    inked = np.array([vector is not None for vector in vectors], bool)
    probes = np.array([vector for vector in vectors if vector is not None], np.float32)
    judged = _nothing(images)
    rows = np.flatnonzero(inked)
    done = 0
    for found, decisions in asked.decisions(probes, k=NEIGHBOURS) if len(probes) else ():
        _fill(judged, rows[done : done + len(decisions)], found, decisions, asked.names)
        done += len(decisions)
    return judged


def _nothing(images: Sequence[SourceImage]) -> Judged:
    n = len(images)
    truth = np.array([image.label or "" for image in images], dtype=object)
    blank = np.full(n, "", dtype=object)
    infinite = np.full(n, np.inf)
    return Judged(
        images, truth, blank, blank.copy(), blank.copy(), np.zeros(n, bool), -infinite, infinite,
        np.full(n, np.nan), np.zeros(n), np.zeros(n, np.int8),
    )  # fmt: skip


def _fill(judged: Judged, rows: NDArray[np.intp], found: Nearest, decided: Decisions, names: Mapping[int, str]) -> None:
    every = np.arange(len(rows))
    label = np.array([names[int(identity)] for identity in decided.identities], dtype=object)
    best = decided.best
    judged.score[rows] = decided.scores
    judged.distance[rows] = decided.distances[every, best]
    judged.threshold[rows] = decided.thresholds[best]
    judged.verdict[rows] = decided.codes
    for column in np.unique(best):
        judged.p_value[rows[best == column]] = decided.p_value(int(column))[best == column]
    judged.identity[rows] = np.where(decided.codes == VERDICTS.index(VERDICTS[-1]), label[best], "")
    judged.nearest[rows] = label[decided.nearest.argmin(axis=1)]
    judged.voted[rows] = _majority(found, names)
    own = judged.truth[rows][:, None] == label[None, :]
    judged.own_accepted[rows] = (decided.accepted & own).any(axis=1)


def _majority(found: Nearest, names: Mapping[int, str]) -> list[str]:
    named = found.identities != NO_ID
    only = Nearest(found.identities[named], found.distances[:, named], found.ids[:, named])
    column_of = np.broadcast_to(np.arange(len(only.identities))[:, None], only.ids.shape[1:])
    places, _ = nearest_samples(Nearest(only.identities, only.distances, np.broadcast_to(column_of, only.ids.shape)), k=NEIGHBOURS)
    votes = (places[:, :, None] == np.arange(len(only.identities))).sum(axis=1)
    first = places[:, ::-1, None] == np.arange(len(only.identities))
    nearness = (first * np.arange(1, places.shape[1] + 1)[None, :, None]).max(axis=1)
    winners = (votes * (places.shape[1] + 1) + nearness).argmax(axis=1)
    return [names[int(only.identities[winner])] for winner in winners]


def _known_figures(judged: Judged) -> KnownFigures:
    refused, unknown = ~judged.own_accepted, judged.verdict == 0
    named = judged.identity != ""
    return KnownFigures(
        n=len(judged.truth),
        accuracy_1nn=Share.of(judged.nearest == judged.truth),
        accuracy_5nn=Share.of(judged.voted == judged.truth),
        refused=Share.of(refused),
        unknown=Share.of(unknown),
        ambiguous=Share.of(judged.verdict == 1),
        wrong=Share.of(named & (judged.identity != judged.truth)),
        refused_per_label=_per_label(refused, judged.truth),
        unknown_per_label=_per_label(unknown, judged.truth),
    )


def _unknown_figures(source: str, known: Judged, judged: Judged) -> UnknownFigures:
    correct = known.nearest == known.truth
    ccr = {f"{fpr:g}": metrics.ccr_at_fpr(known.score, correct, judged.score, fpr=fpr) for fpr in FPRS}
    accepted = judged.verdict > 0
    return UnknownFigures(
        source=source,
        n=len(judged.score),
        auroc=metrics.auroc(known.score, judged.score),
        fpr95=metrics.fpr_at_tpr(known.score, judged.score),
        ccr_at_fpr=ccr,
        oscr=metrics.oscr(known.score, correct, judged.score),
        accepted=Share.of(accepted),
        accepted_per_label=_per_label(accepted, judged.truth),
    )


def _per_label(hits: NDArray[np.bool_], labels: NDArray[np.str_]) -> dict[str, Share]:
    ordered = sorted(set(labels), key=lambda label: (not label.isdigit(), int(label) if label.isdigit() else 0, label))
    return {label: Share.of(hits[labels == label]) for label in ordered}


PER_SAMPLE_COLUMNS = (
    "source", "row", "path", "true_label", "nearest_label", "identity",
    "score", "distance", "threshold", "p_value", "verdict",
)  # fmt: skip


def per_sample_rows(judged: Judged) -> Iterator[tuple[object, ...]]:
    """One row per probe in the order of `PER_SAMPLE_COLUMNS`."""
    for row, image in enumerate(judged.images):
        yield (
            image.source, "" if image.row is None else image.row, image.path, judged.truth[row], judged.nearest[row],
            judged.identity[row], f"{judged.score[row]:.9g}", f"{judged.distance[row]:.9g}",
            f"{judged.threshold[row]:.9g}", f"{judged.p_value[row]:.9g}", judged.verdict_name(row),
        )  # fmt: skip
