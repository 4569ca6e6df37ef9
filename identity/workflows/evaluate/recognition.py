"""Measure a gallery's decisions on images whose truth is known: the right name, the wrong one, or rightly unknown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from identity.core import metrics
from identity.core.answers import Verdict
from identity.core.errors import UsageError
from identity.core.types import SourceImage
from identity.core.verdict import VERDICTS
from identity.workflows.deciding import SearchContext
from identity.workflows.describe import Pipeline
from identity.workflows.evaluate.probe_table import ProbeTable, judge

FPRS = (1e-1, 1e-2, 1e-3)
AMBIGUOUS = VERDICTS.index(Verdict.AMBIGUOUS)


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
        low = 0.0 if count == 0 else float(betaincinv(count, n - count + 1, 0.025))
        high = 1.0 if count == n else float(betaincinv(count + 1, n - count, 0.975))
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
    taken_for: Mapping[str, Mapping[str, float]]  # label -> identity named, or "ambiguous" -> share of the label


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All figures, and the rows behind them."""

    known: KnownFigures
    unknown: tuple[UnknownFigures, ...]
    judged_known: ProbeTable
    judged_unknown: tuple[ProbeTable, ...]
    failed: tuple[SourceImage, ...] = ()  # images that could not be read and count nowhere


def evaluate(
    known: Iterable[SourceImage],
    unknown: Sequence[tuple[str, Iterable[SourceImage]]],
    *,
    pipeline: Pipeline,
    context: SearchContext,
    on_progress: Callable[[int], None] = lambda _count: None,
) -> Evaluation:
    """Judge labelled images of the gallery's identities and, per source, images of strangers.

    Raises `UsageError` where the known images carry no labels or none of them is an identity of the gallery.
    """
    failed: list[SourceImage] = []

    def judge_all(images: Iterable[SourceImage]) -> ProbeTable:
        return judge(images, pipeline=pipeline, context=context, on_progress=on_progress, on_failure=failed.append)

    judged = judge_all(known)
    if not np.isin(judged.truth, list(context.names.values())).any():
        raise UsageError("no label of the known images is an identity of the gallery: check --known and --gallery")
    strangers = [judge_all(images) for _, images in unknown]
    figures = tuple(_unknown_figures(name, judged, one) for (name, _), one in zip(unknown, strangers, strict=True))
    return Evaluation(_known_figures(judged), figures, judged, tuple(strangers), tuple(failed))


def _known_figures(judged: ProbeTable) -> KnownFigures:
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


def _unknown_figures(source: str, known: ProbeTable, judged: ProbeTable) -> UnknownFigures:
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
        taken_for=_identity_shares(judged),
    )


def _identity_shares(judged: ProbeTable) -> dict[str, dict[str, float]]:
    said = np.where(judged.verdict == AMBIGUOUS, Verdict.AMBIGUOUS.value, judged.identity)
    found: dict[str, dict[str, float]] = {}
    for label in in_order(judged.truth):
        named, counts = np.unique(said[judged.truth == label].astype(str), return_counts=True)
        shares = zip(named.tolist(), (counts / counts.sum()).tolist(), strict=True)
        found[label] = {name: share for name, share in shares if name}
    return found


def _per_label(hits: NDArray[np.bool_], labels: NDArray[np.str_]) -> dict[str, Share]:
    return {label: Share.of(hits[labels == label]) for label in in_order(labels)}


def in_order(labels: Iterable[str]) -> list[str]:
    """Distinct labels as people sort them: numbers by value, then the others."""
    return sorted(set(labels), key=lambda label: (not label.isdigit(), int(label) if label.isdigit() else 0, label))
