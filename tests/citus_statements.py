"""Collects the statements that tests execute on PostgreSQL, and holds each against what Citus refuses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from citus_rules import reasons
from sqlalchemy import Connection, Engine, event

_LIST = re.compile(r"\((%\(\w+\)s(?:::\w+)?)(?:, %\(\w+\)s(?:::\w+)?)+\)")
_NUMBERED = re.compile(r"_\d+(?=\)s)")
_SCHEMA = ("CREATE", "ALTER", "DROP", "COMMENT")  # what migrations do before anything is distributed


def shape(statement: str) -> str:
    """A statement with one value for each list of values: what is asked, not about how many."""
    return _NUMBERED.sub("", _LIST.sub(r"(\1)", statement)).strip()


@contextmanager
def collected() -> Iterator[set[str]]:
    """The shapes of the statements that are executed on PostgreSQL while the block lasts."""
    found: set[str] = set()

    def look(connection: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
        if connection.dialect.name == "postgresql":
            found.add(statement)

    event.listen(Engine, "before_cursor_execute", look)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", look)
        shapes = {shape(one) for one in found}
        found.clear()
        found.update(one for one in shapes if not one.startswith(_SCHEMA))


@contextmanager
def fit_for_citus() -> Iterator[None]:
    """Fail afterwards where a statement was executed that Citus would refuse."""
    with collected() as statements:
        yield
    refused = [f"{why}: {one}" for one in sorted(statements) for why in reasons(one)]
    assert refused == [], "Citus would refuse these statements (see tests/citus_rules.py)"
