"""Where the labels of photographs come from: folders, a CSV file of path and label, or nowhere.

Names of single faces are none of the whole photograph (`sidecar`; `region_labels`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from unicodedata import normalize

from identity.core.errors import UsageError
from identity.core.shown import shown_name
from identity.core.types import SourceImage
from identity.workflows.csv_rows import CsvRows
from identity.workflows.image_paths import file_of

FOLDERS, NOWHERE, SIDECAR = WORDS = ("folders", "none", "sidecar")
HEADS = frozenset(("path", "file", "filename", "image", "photograph", "source"))  # of a first row that is a heading
Labelling = Callable[[SourceImage], SourceImage]


def labelling(labels: str | os.PathLike[str]) -> Labelling:
    """What gives each image its label. Raises `UsageError` for what is neither a word nor a CSV file of labels."""
    if labels == FOLDERS:
        return _as_it_is
    if labels == NOWHERE:
        return _without
    path = Path(labels)
    if not path.is_file():
        raise UsageError(
            f"there is no file of labels '{shown_name(path)}': say {', '.join(WORDS)}, "
            "or name a CSV file of path and label"
        )
    return CsvLabels(path)


def labelled(images: Iterable[SourceImage], give: Labelling) -> Iterator[SourceImage]:
    """The images with their labels."""
    return (give(image) for image in images)


def unmatched(give: Labelling) -> list[str]:
    """The paths in a file of labels that no image has had."""
    return list(give.waiting.values()) if isinstance(give, CsvLabels) else []


@dataclass(slots=True)
class CsvLabels:
    """Labels by a CSV file. Paths in it are relative to it, else to where one is; an image it lacks has no label.

    `waiting` are the paths in it that no image has had yet.
    """

    path: Path
    waiting: dict[int, str] = field(default_factory=dict)
    _beside: dict[str, tuple[int, str | None]] = field(default_factory=dict, repr=False)
    _here: dict[str, tuple[int, str | None]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Reads the file. Raises `UsageError` for a row that is none, and for two labels of one file."""
        rows = CsvRows(self.path)
        for number, values in enumerate(rows):
            if number == 0 and values[0].strip().casefold() in HEADS:
                continue
            if len(values) != 2 or not values[0].strip():
                raise UsageError(f"{rows.where} is not a path and a label: write two columns")
            self._add(number, values[0].strip(), values[1].strip() or None, where=rows.where)

    def __call__(self, image: SourceImage) -> SourceImage:
        """The image with the label that the file gives it."""
        file = _key(file_of(image) or "")
        number, label = self._beside.get(file) or self._here.get(file) or (-1, None)
        self.waiting.pop(number, None)
        return replace(image, label=label)

    def _add(self, number: int, named: str, label: str | None, *, where: str) -> None:
        beside = _key(os.path.join(self.path.parent, named))  # noqa: PTH118 (as text: it may be absolute)
        if self._beside.setdefault(beside, (number, label))[1] != label:
            raise UsageError(f"{where}: '{shown_name(named)}' has another label before: keep one of the rows")
        self._here.setdefault(_key(named), (number, label))
        if self._beside[beside][0] == number:
            self.waiting[number] = shown_name(named)


def _key(path: str) -> str:
    """One spelling of a path; some systems take the letters of names apart."""
    return normalize("NFC", os.path.abspath(path))  # noqa: PTH100 (links stay as they are)


def _as_it_is(image: SourceImage) -> SourceImage:
    return image


def _without(image: SourceImage) -> SourceImage:
    return replace(image, label=None)
