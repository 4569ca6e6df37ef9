"""Tables of groups and of truths that are no tables cost one line, which names file and line and says what to do."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from identity.core.errors import UsageError
from identity.workflows import csv_rows
from identity.workflows.cluster.truth import _told
from identity.workflows.evaluate.people import read_groups

TABLES = {
    "utf-16": ("path,group\na,b\n".encode("utf-16"), "line 1 is UTF-16: save it as CSV in UTF-8"),
    "latin": ("path,group\nJosé,left\n".encode("latin-1"), "line 2 is not UTF-8"),
    "zero": (b"path,group\na,b\nc\0,d\n", "line 3 holds a zero byte"),
    "columns": (b"path,group\na,b\nc,d,e\n", "line 3 has 3 columns"),
    "wide": (b"," * 60_000, "line 1: 60,001 columns are too many"),
    "long": (b"a,b\n" + b"x" * (1 << 17) + b",left\n", "line 2 is too long"),
    "open quote": (b'path,group\n"a,b\n' + b"c,d\n" * 500, "a quote before it was never closed"),
    "quote at the end": (b'path,group\na,b\n"c,d\n', "line 3 cannot be read"),
    "empty": (b"", "names no groups"),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_of_groups_that_is_none_is_one_line(tmp_path: Path, name: str) -> None:
    content, said = TABLES[name]
    (tmp_path / "groups.csv").write_bytes(content)
    with pytest.raises(UsageError, match=said) as caught:
        read_groups(tmp_path / "groups.csv")
    assert "\n" not in str(caught.value)
    assert str(tmp_path / "groups.csv") in str(caught.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"path,name\na,b\n", "needs the column 'identity'"),
        (b"", "needs the column 'identity'"),
        (b"sample,identity\n1,Ada\n2\n", "line 3 has 1 columns, but the first line has 2"),
        (b"sample,identity\n1,Ada\n\n2,Ada,more\n", "line 4 has 3 columns, but the first line has 2"),
        (TABLES["utf-16"][0], "line 1 is UTF-16"),
    ],
)
def test_a_table_of_truths_that_is_none_is_one_line(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "truth.csv").write_bytes(content)
    with pytest.raises(UsageError, match=said):
        list(_told(tmp_path / "truth.csv"))


def test_a_mark_of_utf_8_line_breaks_in_quotes_and_of_windows_and_empty_lines_are_read(tmp_path: Path) -> None:
    (tmp_path / "truth.csv").write_bytes("\ufeffpath,identity\r\n\r\n\"a\nb.png\",Zoë\r\n".encode())
    assert list(_told(tmp_path / "truth.csv")) == [{"path": "a\nb.png", "identity": "Zoë"}]
    (tmp_path / "groups.csv").write_bytes("\ufeffidentity,group\r\nZoë, left\r\n".encode())
    assert read_groups(tmp_path / "groups.csv") == {"Zoë": "left"}


def test_a_table_of_more_bytes_or_rows_than_the_bounds_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "groups.csv").write_bytes(b"a,b\n" * 50)
    monkeypatch.setattr(csv_rows, "MOST_ROWS", 40)
    with pytest.raises(UsageError, match="line 41: more than 40 rows are too many"):
        read_groups(tmp_path / "groups.csv")
    monkeypatch.setattr(csv_rows, "LARGEST_BYTES", 199)
    with pytest.raises(UsageError, match="has more than 199 bytes"):
        read_groups(tmp_path / "groups.csv")


def test_a_pipe_a_device_a_folder_and_a_missing_table_are_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    for path in (tmp_path / "pipe.csv", Path("/dev/zero"), tmp_path):
        with pytest.raises(UsageError, match=r"no file but|Is a directory"):
            read_groups(path)
    with pytest.raises(UsageError, match="No such file"):
        read_groups(tmp_path / "missing.csv")
