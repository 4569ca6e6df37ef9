"""The rows of a CSV file that a person wrote, one by one, within bounds; what is wrong is said with its line."""

from __future__ import annotations

import csv
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from pathlib import Path

from identity.core.errors import UsageError
from identity.core.shown import LONE_SURROGATE, shown_name

LARGEST_BYTES = 64 << 20
MOST_ROWS = 2_000_000
MOST_COLUMNS = 100
LONGEST_LINE = 1 << 16  # characters; of a row that a quoted line break divides, of each part
MOST_LINES_OF_A_ROW = 100
UTF16 = ("\udcff\udcfe", "\udcfe\udcff")  # its marks, as bytes that are not UTF-8
SAVE = "save it as CSV in UTF-8"


@dataclass(frozen=True, slots=True)
class CsvRow:
    """The values of a row and where it ends in the file."""

    values: list[str]
    where: str  # file and line, for errors


def read_rows(path: Path) -> Iterator[CsvRow]:
    """Every row that is not empty. Raises `UsageError`, naming file and line, where it is no such file or too large."""
    lines = _Lines(shown_name(path), _content(path))
    rows = csv.reader(lines, strict=True)
    for count in range(MOST_ROWS + 1):
        try:
            values = next(rows, None)
        except csv.Error as error:
            raise UsageError(f"{lines.where} cannot be read ({error}): correct its quotes, or {SAVE}") from error
        if values is None:
            return
        lines.begin_row()
        if len(values) > MOST_COLUMNS or count == MOST_ROWS:
            what = f"more than {MOST_ROWS:,} rows" if count == MOST_ROWS else f"{len(values):,} columns"
            raise UsageError(f"{lines.where}: {what} are too many: write only those that are needed")
        if values:
            yield CsvRow(values, lines.where)


def _content(path: Path) -> bytes:
    named = shown_name(path)
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with open(descriptor, "rb") as file:  # noqa: PTH123 (a pipe that is opened without that flag waits for ever)
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise UsageError(f"{named} is no file but a pipe, device or folder: give a CSV file")
            content = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"cannot read {named} ({error.strerror or error}): check the path") from error
    if len(content) > LARGEST_BYTES:
        raise UsageError(f"{named} has more than {LARGEST_BYTES:,} bytes: write only the rows that are needed")
    return content


class _Lines:
    """Lines as the CSV reader wants them, each looked at before it is given."""

    def __init__(self, named: str, content: bytes) -> None:
        self._named = named
        self._text = TextIOWrapper(BytesIO(content), encoding="utf-8-sig", errors="surrogateescape", newline="")
        self._line = self._row_began = 0

    @property
    def where(self) -> str:
        """File and line."""
        return f"{self._named}, line {self._line}"

    def begin_row(self) -> None:
        """What was given so far belongs to rows that are done."""
        self._row_began = self._line

    def __iter__(self) -> Iterator[str]:
        while line := self._text.readline(LONGEST_LINE + 1):
            self._line += 1
            self._require_sound(line)
            yield line

    def _require_sound(self, line: str) -> None:
        if len(line) > LONGEST_LINE or self._line - self._row_began > MOST_LINES_OF_A_ROW:
            raise UsageError(f"{self.where} is too long, or a quote before it was never closed: {SAVE}")
        if self._line == 1 and line.startswith(UTF16):
            raise UsageError(f"{self.where} is UTF-16: {SAVE}")
        if "\0" in line:
            raise UsageError(f"{self.where} holds a zero byte: {SAVE}")
        if not line.isascii() and LONE_SURROGATE.search(line):
            raise UsageError(f"{self.where} is not UTF-8: {SAVE}")
