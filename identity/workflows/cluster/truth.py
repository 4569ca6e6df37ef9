"""Who the samples really are, where somebody knows: to judge clusters by, never to make them.

A folder's images are recognised by their decoded content, as duplicates are, so names and places of files do not
matter. An image's truth is that of its largest region: people in the background are nobody's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from identity.core.clusters import NOISE, ClusterState, no_links
from identity.core.errors import NotFoundError, UsageError
from identity.core.shown import shown_name
from identity.core.types import NO_ID, Ids, Sample, SourceImage
from identity.workflows.cluster.constraints import Rows
from identity.workflows.csv_rows import CsvRows


@dataclass(frozen=True, slots=True)
class Truth:
    """Rows whose identity is known, and a number (n,) for it."""

    rows: Rows
    identities: Ids


def without_decisions(state: ClusterState) -> ClusterState:
    """The same samples as if nobody had named, joined or rejected any, and no run had been."""
    nobody = np.full(state.n, NO_ID, np.int64)
    return replace(
        state,
        identities=nobody,
        labels=np.full(state.n, NOISE, np.int64),
        seen=np.zeros(state.n, bool),
        core=np.zeros(state.n, bool),
        parties=nobody,
        refused_samples=no_links(),
        refused_identities=no_links(),
        run=None,
    )


def own_names(state: ClusterState) -> Truth:
    """The gallery's own names. Raises `NotFoundError` where there are none."""
    rows = np.flatnonzero(state.identities != NO_ID)
    if not len(rows):
        raise NotFoundError("nobody in the gallery has a name to judge by: give a folder or a CSV with --truth")
    return Truth(rows, state.identities[rows])


def truth_of_images(
    images: Iterable[SourceImage], state: ClusterState, contents: Mapping[int, bytes], samples: Mapping[int, Sample]
) -> Truth:
    """From labelled images: sub-folders or an IDX labels file. Raises `NotFoundError` where none is in the gallery."""
    labels = {image.content: image.label for image in images if image.label is not None and image.error is None}
    rows = _largest_regions(state, samples)
    told = {row: labels.get(contents.get(int(state.images[row]), b"")) for row in rows}
    return _number_names({row: label for row, label in told.items() if label is not None})


def truth_of_table(path: Path, state: ClusterState, samples: Mapping[int, Sample]) -> Truth:
    """From a CSV with the column `identity` and either `sample` (ids) or `path` (with `row` inside IDX files).

    Raises `UsageError` for other columns, `NotFoundError` where no line is about a sample of the gallery.
    """
    exact: dict[int | None, str] = {}
    called: dict[int | None, str] = {}
    place = {str(sample): row for row, sample in enumerate(state.ids.tolist())}
    by_path: dict[tuple[str, str], int] = {}
    for line in _told(path):
        if "sample" in line:
            exact[place.get(line["sample"].strip())] = line["identity"]
            continue
        by_path = by_path or _by_path(state, samples)
        inside = line.get("row") or ""
        exact[by_path.get((line["path"], inside))] = line["identity"]
        called[by_path.get((Path(line["path"]).name, inside))] = line["identity"]
    return _number_names({row: label for row, label in (exact | called).items() if row is not None and label})


def _told(path: Path) -> Iterator[dict[str, str]]:
    """The lines of a truth by the names of its columns. Raises `UsageError` where these are missing or do not fit."""
    rows = CsvRows(path)
    following = iter(rows)
    columns = next(following, [])
    if "identity" not in columns or not {"sample", "path"} & set(columns):
        raise UsageError(
            f"{shown_name(path)} needs the column 'identity' and either 'sample' or 'path' in its first line"
        )
    for values in following:
        if len(values) != len(columns):
            raise UsageError(
                f"{rows.where} has {len(values)} columns, but the first line has {len(columns)}: correct one of them"
            )
        yield dict(zip(columns, values, strict=True))


def _by_path(state: ClusterState, samples: Mapping[int, Sample]) -> dict[tuple[str, str], int]:
    """Rows by path as it was enrolled and, where no other image is called so, by the file's name."""
    exact: dict[tuple[str, str], int] = {}
    called: dict[tuple[str, str], list[int]] = {}
    for row in _largest_regions(state, samples):
        sample = samples[int(state.ids[row])]
        inside = "" if sample.row is None else str(sample.row)
        exact[sample.source, inside] = row
        called.setdefault((Path(sample.source).name, inside), []).append(row)
    return {key: rows[0] for key, rows in called.items() if len(rows) == 1} | exact


def _largest_regions(state: ClusterState, samples: Mapping[int, Sample]) -> list[int]:
    largest: dict[int, tuple[int, int]] = {}
    for row, (sample, image) in enumerate(zip(state.ids.tolist(), state.images.tolist(), strict=True)):
        box = samples[sample].box
        area = (box.x2 - box.x1) * (box.y2 - box.y1)
        if image not in largest or area > largest[image][0]:
            largest[image] = (area, row)
    return sorted(row for _, row in largest.values())


def _number_names(told: Mapping[int, str]) -> Truth:
    if not told:
        raise NotFoundError("the truth says nothing about this gallery's samples: give the images it was made of")
    rows = np.array(sorted(told), np.intp)
    numbers = {label: number for number, label in enumerate(sorted(set(told.values())))}
    return Truth(rows, np.array([numbers[told[int(row)]] for row in rows], np.int64))
