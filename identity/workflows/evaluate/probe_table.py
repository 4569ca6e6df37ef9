"""Decide about the images of one source and keep what was decided in columns, as figures and CSV files need it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from identity.core.answers import Verdict
from identity.core.claims import nearest_samples
from identity.core.errors import UsageError
from identity.core.nearest import Nearest
from identity.core.types import NO_ID, SourceImage
from identity.core.verdict import NO_ROW, VERDICTS, Decisions
from identity.workflows.batches import batches
from identity.workflows.deciding import SearchContext
from identity.workflows.describe import Described
from identity.workflows.query import BATCH_IMAGES

NEIGHBOURS = 5
KNOWN = VERDICTS.index(Verdict.KNOWN)
PER_SAMPLE_COLUMNS = (
    "source", "row", "path", "true_label", "nearest_label", "identity",
    "score", "distance", "threshold", "p_value", "verdict",
)  # fmt: skip


class Describes(Protocol):
    """What turns images into vectors: a pipeline, or something that stands before one."""

    def describe(self, images: Sequence[SourceImage]) -> list[list[Described]]:
        """The regions of each image; the first one stands for the image."""
        ...


@dataclass(frozen=True, slots=True)
class ProbeTable:
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


def judge(
    images: Iterable[SourceImage],
    *,
    pipeline: Describes,
    context: SearchContext,
    on_progress: Callable[[int], None],
    on_failure: Callable[[SourceImage], None] = lambda _image: None,
) -> ProbeTable:
    """Decide about every readable image of a source, tell of the others; an image's first region stands for it."""
    parts = []
    for batch in batches(images, size=BATCH_IMAGES):
        readable = [image for image in batch if image.error is None]
        for image in batch:
            if image.error is not None:
                on_failure(image)
        parts.append(_judge_batch(readable, pipeline, context))
        on_progress(len(batch))
    if not any(len(part.images) for part in parts):
        raise UsageError("a source has no readable image: check the paths given")
    return _join_tables(parts)


def _join_tables(parts: Sequence[ProbeTable]) -> ProbeTable:
    columns = [name for name in ProbeTable.__slots__ if name != "images"]
    joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in columns}
    return ProbeTable(images=[image for part in parts for image in part.images], **joined)


def _judge_batch(images: Sequence[SourceImage], pipeline: Describes, context: SearchContext) -> ProbeTable:
    described = pipeline.describe(images)
    vectors = [row[0].vector if row else None for row in described]
    inked = np.array([vector is not None for vector in vectors], bool)
    probes = np.array([vector for vector in vectors if vector is not None], np.float32)
    judged = _nothing(images)
    rows = np.flatnonzero(inked)
    done = 0
    for found, decisions, scores in context.scored(probes, k=NEIGHBOURS) if len(probes) else ():
        judged.score[rows[done : done + len(decisions)]] = scores
        _fill(judged, rows[done : done + len(decisions)], found, decisions, context.names)
        done += len(decisions)
    return judged


def _nothing(images: Sequence[SourceImage]) -> ProbeTable:
    n = len(images)
    truth = np.array([image.label or "" for image in images], dtype=object)
    blank = np.full(n, "", dtype=object)
    infinite = np.full(n, np.inf)
    kept = [replace(image, pixels=None) for image in images]
    return ProbeTable(
        kept, truth, blank, blank.copy(), blank.copy(), np.zeros(n, bool), -infinite, infinite,
        np.full(n, np.nan), np.zeros(n), np.zeros(n, np.int8),
    )  # fmt: skip


def _fill(
    judged: ProbeTable, rows: NDArray[np.intp], found: Nearest, decided: Decisions, names: Mapping[int, str]
) -> None:
    best = decided.best
    rows, said = rows[best >= 0], best[best >= 0]
    label = np.array([names[identity] for identity in decided.identities.tolist()], dtype=object)
    judged.distance[rows] = decided.distances[said]
    judged.threshold[rows] = decided.thresholds[said]
    judged.verdict[rows] = decided.codes[best >= 0]
    judged.p_value[rows] = decided.p_values(said)
    judged.identity[rows] = np.where(judged.verdict[rows] == KNOWN, label[said], "")
    judged.nearest[rows], judged.voted[rows] = _by_samples(found, names)
    everywhere = np.full(len(decided), NO_ROW)
    everywhere[best >= 0] = rows
    own = judged.truth[everywhere[decided.probes]] == label
    judged.own_accepted[everywhere[decided.probes[own & decided.accepted]]] = True


def _by_samples(found: Nearest, names: Mapping[int, str]) -> tuple[list[str], list[str]]:
    """The identity of the nearest sample, and that of most of the 5 nearest: among equals, the one with the nearest."""
    nearest = nearest_samples(found.named(), k=NEIGHBOURS)
    voters = nearest.identities[nearest.identities[:, 0] != NO_ID]
    votes = ((voters[:, :, None] == voters[:, None, :]) & (voters != NO_ID)[:, :, None]).sum(axis=2)
    winners = np.take_along_axis(voters, votes.argmax(axis=1)[:, None], 1)[:, 0]
    return [names[one] for one in voters[:, 0].tolist()], [names[one] for one in winners.tolist()]


def per_sample_rows(judged: ProbeTable) -> Iterator[tuple[object, ...]]:
    """One row per probe in the order of `PER_SAMPLE_COLUMNS`."""
    for row, image in enumerate(judged.images):
        yield (
            image.source, "" if image.row is None else image.row, image.path, judged.truth[row], judged.nearest[row],
            judged.identity[row], f"{judged.score[row]:.9g}", f"{judged.distance[row]:.9g}",
            f"{judged.threshold[row]:.9g}", f"{judged.p_value[row]:.9g}", judged.verdict_name(row),
        )  # fmt: skip
