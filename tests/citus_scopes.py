"""The parts of a parsed statement: each SELECT, UPDATE or DELETE with the tables that it names itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from sqlglot import exp

from identity.store import sample_bytes

KEY = sample_bytes.KEY
NAMES = frozenset(table.name for table in sample_bytes.TABLES)
_NAMED = re.compile(rf"(?<![\w.'\"])(?:identity\.)?\"?(?:{'|'.join(sorted(NAMES))})\"?(?![\w(.])", re.IGNORECASE)


def is_distributed(text: str) -> bool:
    """Whether a piece of SQL names a distributed table (or, which is taken for one, a column called like it)."""
    return _NAMED.search(text) is not None


@dataclass(frozen=True, slots=True)
class Scope:
    """A SELECT, UPDATE or DELETE; what lies in subqueries of it is not its own."""

    node: exp.Expression

    @property
    def joins(self) -> list[exp.Join]:
        return list(self.node.args.get("joins") or [])

    @property
    def tables(self) -> list[exp.Table]:
        """The tables after FROM, JOIN, UPDATE or DELETE FROM."""
        return [one for one in self.node.find_all(exp.Table) if _around(one) is self.node]

    @property
    def names(self) -> set[str]:
        """How its columns may call the tables, and subqueries after FROM."""
        derived = [one for one in self.node.find_all(exp.Subquery) if one.alias and _around(one) is self.node]
        return {one.alias_or_name for one in (*self.tables, *derived)}

    @property
    def distributed(self) -> set[str]:
        """How its distributed tables are called."""
        return {one.alias_or_name for one in self.tables if one.name in NAMES}

    def outer(self) -> Iterator[Scope]:
        """The statements around it."""
        around = _around(self.node)
        while around is not None:
            yield Scope(around)
            around = _around(around)

    def refers_to(self, outer: Scope) -> bool:
        """Whether a column here, or further inside, is one of a table there."""
        names = outer.names - self.names
        return any(column.table in names for column in self.node.find_all(exp.Column))

    def is_joined_by_equality(self) -> bool:
        """Whether its tables hang together by column = column, distributed ones among each other by the key."""
        linked = {name: name for name in self.names}
        for one in self.node.find_all(exp.EQ):
            if _around(one) is self.node and self._links(one.left, one.right):
                old, new = linked[one.left.table], linked[one.right.table]
                linked = {name: new if group == old else group for name, group in linked.items()}
        return all(one == other for one, other in pairwise(linked.values()))

    def _links(self, left: exp.Expression, right: exp.Expression) -> bool:
        if not (isinstance(left, exp.Column) and isinstance(right, exp.Column)):
            return False
        tables = {left.table, right.table}
        both = len(tables) == 2 and tables <= self.names
        return both and (not tables <= self.distributed or (left.name, right.name) == (KEY, KEY))


def scopes(tree: exp.Expression) -> Iterator[Scope]:
    """Each SELECT, UPDATE and DELETE in a statement."""
    return (Scope(node) for node in tree.find_all(exp.Select, exp.Update, exp.Delete))


def _around(node: exp.Expression) -> exp.Expression | None:
    """The nearest SELECT, UPDATE or DELETE that a node stands in."""
    return node.find_ancestor(exp.Select, exp.Update, exp.Delete)
