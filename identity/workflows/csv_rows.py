"""The rows of a CSV file that a person wrote, one by one, within bounds; what is wrong is said with its line."""

from __future__ import annotations

import csv
import os
import stat
from collections.abc import Iterator
from io import BytesIO, TextIOWrapper
from pathlib import Path

from identity.core.errors import UsageError
from identity.core.shown import shown_name

LARGEST_BYTES = 64 << 20
MOST_ROWS = 1_000_000
MOST_COLUMNS = 100
LONGEST_LINE = 1 << 16  # characters
MOST_LINES_OF_A_ROW = 100  # values in quotes may hold line breaks
UTF16 = (b"\xff\xfe", b"\xfe\xff")
SAVE = "save it as CSV in UTF-8"


class CsvRows:
    """The rows that are not empty, as lists of values; `where` is the last one, for errors.

    Raises `UsageError`, naming file and line, where the file is no such file or beyond the bounds.
    """

    def __init__(self, path: Path) -> None:
        self._named = shown_name(path)
        self._content = _content(path, self._named)
        self._line = self._row_began = 0
        _require_text(self._content, self._named)

    @property
    def where(self) -> str:
        """File and line."""
        return f"{self._named}, line {self._line}"

    def __iter__(self) -> Iterator[list[str]]:
        """Row after row."""
        count = 0
        try:
            for values in csv.reader(self._lines(), strict=True):
                self._row_began = self._line
                count += 1
                if count > MOST_ROWS or len(values) > MOST_COLUMNS:
                    what = f"{len(values):,} columns" if count <= MOST_ROWS else f"more than {MOST_ROWS:,} rows"
                    raise UsageError(f"{self.where}: {what} are too many: write only those that are needed")
                if values:
                    yield values
        except csv.Error as error:
            raise UsageError(f"{self.where} cannot be read ({error}): correct its quotes, or {SAVE}") from error

    def _lines(self) -> Iterator[str]:
        text = TextIOWrapper(BytesIO(self._content), encoding="utf-8-sig", newline="")
        while line := text.readline(LONGEST_LINE + 1):
            self._line += 1
            if len(line) > LONGEST_LINE or self._line - self._row_began > MOST_LINES_OF_A_ROW:
                raise UsageError(f"{self.where} is too long, or a quote before it was never closed: {SAVE}")
            yield line


def _content(path: Path, named: str) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with open(descriptor, "rb") as file:  # noqa: PTH123 (a pipe that is opened without that flag waits for ever)
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise UsageError(f"{named} is no file but a pipe, device or folder: give a CSV file")
            content = file.read(LARGEST_BYTES + 1)
    except (OSError, ValueError) as error:  # the second for a path with a zero byte
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"cannot read {named} ({reason}): check the path") from error
    if len(content) > LARGEST_BYTES:
        raise UsageError(f"{named} has more than {LARGEST_BYTES:,} bytes: write only the rows that are needed")
    return content


def _require_text(content: bytes, named: str) -> None:
    if content.startswith(UTF16):
        raise UsageError(f"{named}, line 1 is UTF-16: {SAVE}")
    if (zero := content.find(b"\0")) >= 0:
        raise UsageError(f"{named}, line {_line_of(content, zero)} holds a zero byte: {SAVE}")
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{named}, line {_line_of(content, error.start)} is not UTF-8: {SAVE}") from error


def _line_of(content: bytes, at: int) -> int:
    return content.count(b"\n", 0, at) + 1
