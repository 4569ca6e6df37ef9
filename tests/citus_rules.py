"""What Citus refuses of a statement that touches a distributed table, as far as its documentation and source say it.

Each rule names the page it comes from, and is at least as strict as that: what Citus does only since some version, or
only by fetching a whole table to its coordinator, is refused too. `sqlglot` reads the statements.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import sqlglot
from citus_scopes import KEY, Scope, is_distributed, scopes
from sqlglot import exp
from sqlglot.errors import SqlglotError

SQL = "https://docs.citusdata.com/en/stable/develop/reference_workarounds.html"
SQL_11 = "https://docs.citusdata.com/en/v11.1/develop/reference_workarounds.html"
SQL_7 = "https://docs.citusdata.com/en/v7.4/develop/reference_workarounds.html"
DDL = "https://docs.citusdata.com/en/stable/develop/reference_ddl.html"
DML = "https://docs.citusdata.com/en/stable/develop/reference_dml.html"
JOINS = "https://docs.citusdata.com/en/stable/develop/reference_sql.html#joins"
RECURRING = "https://github.com/citusdata/citus, planner/query_pushdown_planning.c: DeferErrorIfFromClauseRecurs"
ROUTER = "https://github.com/citusdata/citus, planner/multi_router_planner.c"
TRIGGER = "https://github.com/citusdata/citus, commands/trigger.c"
_CHANGING = re.compile(r"\b(random|clock_timestamp|nextval|gen_random_uuid|timeofday)\s*\(", re.IGNORECASE)
_READ_BY_WORDS = re.compile(r"\s*(VACUUM|ANALYZE|ALTER\s+TABLE|CREATE\s+RULE|CREATE\s+EXTENSION)\b", re.IGNORECASE)
logging.getLogger("sqlglot").setLevel(logging.ERROR)  # it says of each such statement that it is not parsed


@dataclass(frozen=True, slots=True)
class Rule:
    """Something that Citus refuses."""

    name: str
    page: str
    breaks: Callable[[exp.Expression], bool]


@cache
def reasons(statement: str) -> list[str]:
    """Why Citus would refuse a statement; what cannot be read is refused where it names a distributed table."""
    readable = statement.replace("<#>", "-").replace("<=>", "-").replace("<->", "-")  # pgvector's, numbers as well
    try:
        tree = sqlglot.parse_one(readable, dialect="postgres")
    except SqlglotError as error:
        return [f"cannot be read ({error})"] if is_distributed(readable) else []
    if isinstance(tree, exp.Command) and is_distributed(readable) and not _READ_BY_WORDS.match(readable):
        return ["cannot be read"]
    return [f"{rule.name} ({rule.page})" for rule in RULES if rule.breaks(tree)]


def _locks_rows(tree: exp.Expression) -> bool:
    return any(scope.node.args.get("locks") and scope.distributed for scope in scopes(tree))


def _joins_outside(tree: exp.Expression) -> bool:
    return any(scope.distributed and any(join.side for join in scope.joins) for scope in scopes(tree))


def _joins_unequally(tree: exp.Expression) -> bool:
    return any(scope.distributed and not scope.is_joined_by_equality() for scope in scopes(tree))


def _correlates(tree: exp.Expression) -> bool:
    return any(scope.distributed or outer.distributed for scope, outer in _correlated(tree))


def _correlated(tree: exp.Expression) -> Iterator[tuple[Scope, Scope]]:
    for scope in scopes(tree):
        for outer in scope.outer():
            if scope.refers_to(outer):
                yield scope, outer


def _changes_the_key(tree: exp.Expression) -> bool:
    return any(
        is_distributed(change.this.sql()) and any(_column(one.this) == KEY for one in change.expressions)
        for change in tree.find_all(exp.Update)
    )


def _inserts_without_the_key(tree: exp.Expression) -> bool:
    return any(
        isinstance(one.this, exp.Schema) and KEY not in [_column(name) for name in one.this.expressions]
        for one in _inserts(tree)
    )


def _inserts_a_subquery(tree: exp.Expression) -> bool:
    return any(isinstance(one.expression, exp.Values) and one.expression.find(exp.Select) for one in _inserts(tree))


def _conflicts_without_the_key(tree: exp.Expression) -> bool:
    found = [one.args["conflict"] for one in _inserts(tree) if one.args.get("conflict")]
    return any(KEY not in [_column(key) for key in one.args.get("conflict_keys") or []] for one in found)


def _changes_by_chance(tree: exp.Expression) -> bool:
    changes = [one for one in tree.find_all(exp.Update, exp.Delete) if is_distributed(one.this.sql())]
    return any(_CHANGING.search(one.sql("postgres")) for one in changes)


def _writes_in_with(tree: exp.Expression) -> bool:
    inside = [cte for cte in tree.find_all(exp.CTE) if isinstance(cte.this, exp.Insert | exp.Update | exp.Delete)]
    return bool(inside) and is_distributed(tree.sql("postgres"))


def _recurs(tree: exp.Expression) -> bool:
    return any(one.recursive for one in tree.find_all(exp.With)) and is_distributed(tree.sql("postgres"))


def _groups_in_sets(tree: exp.Expression) -> bool:
    kinds = (exp.GroupingSets, exp.Rollup, exp.Cube)
    return any(scope.distributed and scope.node.find(*kinds) for scope in scopes(tree))


def _samples_rows(tree: exp.Expression) -> bool:
    return any(is_distributed(one.this.sql()) for one in tree.find_all(exp.Table) if one.args.get("sample"))


def _alters_otherwise(tree: exp.Expression) -> bool:
    if isinstance(tree, exp.Command):
        return str(tree.this).upper() == "ALTER" and is_distributed(str(tree.expression))
    if not isinstance(tree, exp.Alter) or not is_distributed(tree.this.sql()):
        return False
    return any(not isinstance(act, exp.Drop | exp.ColumnDef | exp.AddConstraint) for act in tree.args["actions"])


def _triggers(tree: exp.Expression) -> bool:
    return isinstance(tree, exp.Create) and tree.kind == "TRIGGER" and is_distributed(tree.sql("postgres"))


def _rewrites(tree: exp.Expression) -> bool:
    rule = isinstance(tree, exp.Command) and str(tree.this).upper() == "CREATE"
    words = str(tree.expression).split() if rule else []
    return words[:1] == ["RULE"] and is_distributed(" ".join(words))


def _inserts(tree: exp.Expression) -> Iterator[exp.Insert]:
    return (one for one in tree.find_all(exp.Insert) if is_distributed(one.this.find(exp.Table).sql()))


def _column(node: exp.Expression) -> str:
    return str(node.name)


RULES = (
    Rule("rows of several shards are locked", SQL, _locks_rows),
    Rule("an outer join meets a distributed table", SQL_11, _joins_outside),
    Rule("a distributed table is joined by something else than equality", JOINS, _joins_unequally),
    Rule("a subquery refers to the statement around it", RECURRING, _correlates),
    Rule("the distribution column is changed", ROUTER, _changes_the_key),
    Rule("a row comes without the distribution column", DML, _inserts_without_the_key),
    Rule("the values of a row are asked for by a subquery", SQL, _inserts_a_subquery),
    Rule("a conflict is looked for without the distribution column", ROUTER, _conflicts_without_the_key),
    Rule("a volatile function decides what is changed", SQL, _changes_by_chance),
    Rule("a WITH query changes rows", SQL_7, _writes_in_with),
    Rule("a WITH query is recursive", SQL, _recurs),
    Rule("rows are grouped in sets", SQL, _groups_in_sets),
    Rule("a sample of the rows is asked for", SQL, _samples_rows),
    Rule("a table is altered in a way that is not sent to workers", DDL, _alters_otherwise),
    Rule("a trigger acts on rows", TRIGGER, _triggers),
    Rule("a rule rewrites statements", SQL, _rewrites),
)
