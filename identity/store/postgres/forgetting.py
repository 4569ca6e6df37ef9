"""Makes a database's files forget what was deleted: PostgreSQL keeps deleted rows until they are vacuumed, and longer.

Measured on 1,000 crops: after the deletion all of them are in the files, after VACUUM 156, after VACUUM FULL and a
checkpoint none. VACUUM FULL copies what any open snapshot could still see: so those are waited for first.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from contextlib import suppress

from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from identity.core.stopping import STOPPING
from identity.store.postgres import sharding

_AGAIN_S = 0.05
_FILLED = text("""
    SELECT relname FROM pg_class
    WHERE relnamespace = to_regnamespace('identity') AND relkind = 'r' AND (
        pg_relation_size(oid) > 0 OR pg_relation_size(nullif(reltoastrelid, 0)) > 0
        OR pg_indexes_size(oid) > (SELECT count(*) FROM pg_index WHERE indrelid = pg_class.oid) * 8192
    ) ORDER BY relname
""")  # an empty index has one page
_ACTS = ("SELECT pg_switch_wal()", "CHECKPOINT")
_ACTS_ON_WORKERS = (
    "SELECT count(*) FROM run_command_on_workers('SELECT pg_switch_wal()')",
    "SELECT count(*) FROM run_command_on_workers('CHECKPOINT')",
)
_NOW = text("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
_OLDER = text("""
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type <> 'autovacuum worker'
        AND age(backend_xmin) > :age
""")


def erase_deleted(connection: Connection, *, timeout_s: float) -> bool:
    """Write every table anew that has a page, and the log to the disk; False where a snapshot still sees it.

    `connection` is in no transaction: VACUUM takes none. Each table is locked while it is written.
    """
    if not _unseen(connection, timeout_s=timeout_s):
        return False
    quote = connection.dialect.identifier_preparer.quote
    elsewhere = sharding.distributed(connection)  # empty here, and VACUUM goes to their shards
    here = [name for name in connection.execute(_FILLED).scalars() if not _is_shard(name, elsewhere)]
    for table in sorted({*here, *elsewhere}):
        STOPPING.check()
        connection.execute(text(f"VACUUM (FULL) {quote(table)}"))
    for act in _ACTS + (_ACTS_ON_WORKERS if elsewhere else ()):
        with suppress(ProgrammingError):  # no right to: the server does both by itself, some minutes later
            connection.execute(text(act))
    return True


def _is_shard(name: str, distributed: Collection[str]) -> bool:
    """Whether a table is a piece of a distributed one, on a coordinator that is a worker too."""
    whole, _, number = name.rpartition("_")
    return whole in distributed and number.isdecimal()


def _unseen(connection: Connection, *, timeout_s: float) -> bool:
    """Wait until no snapshot of another session is older than this moment."""
    began = connection.execute(_NOW).scalar_one()
    deadline_s = time.monotonic() + timeout_s
    while connection.execute(_OLDER, {"age": _age_of(connection, began)}).scalar_one():
        if time.monotonic() > deadline_s:
            return False
        STOPPING.check()
        time.sleep(_AGAIN_S)
    return True


def _age_of(connection: Connection, moment: int) -> int:
    """How many transactions began since then."""
    return int(connection.execute(_NOW).scalar_one() - moment)
