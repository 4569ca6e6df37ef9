"""The two ends of a copy: a source that is only read, as it is, and a target that holds no gallery, or is made."""

from __future__ import annotations

from contextlib import closing

from sqlalchemy import Connection, select

from identity.core.errors import NotFoundError, StoreError, UnfinishedCopyError, UsageError
from identity.store import schema, shipped
from identity.store.database_copy import progress, tables
from identity.store.database_copy.numbering import empty
from identity.store.galleries import records
from identity.store.opening import canonical, open_as_found, open_database
from identity.store.transactions import SqlDatabase


def require_two(source: str, target: str) -> None:
    """Raise `UsageError` where both addresses mean one database; one that is not found out so is not empty."""
    if canonical(source) == canonical(target):
        raise UsageError("both addresses mean the same database: write another one to copy to")


def open_source(url: str, *, command: str) -> SqlDatabase:
    """The database that is copied, neither made nor brought up to date.

    Raises `NotFoundError` where it is not there, `StoreError` where it has no galleries or another schema.
    """
    source, found = open_as_found(url, command=command)
    try:
        schema.require_whole(found)
        if found is None:
            raise NotFoundError(f"{source.location} holds no galleries: check the address to copy from")
        if found != schema.REVISION:
            schema.require_known(found)
            raise StoreError(
                f"{source.location} has schema {found}, and {schema.REVISION} is copied: run 'identity status' with "
                "this database, which brings it up to date, then copy"
            )
    except BaseException:
        source.close()
        raise
    return source


def require_acceptable(reading: Connection, url: str, *, place: str, command: str) -> None:
    """Raise before anything is written where the target at `url` cannot be had or does not keep what is to come."""
    try:
        target, found = open_as_found(url, command=command)
    except NotFoundError:
        return  # a file that is to be made
    with closing(target), target.read() as connection:
        if found == schema.REVISION:
            _require_empty(connection, target.location)
        if connection.dialect.name != "postgresql" or reading.dialect.name == "postgresql":
            return
    from identity.store.postgres.refusals import refused

    if (why := refused(reading, tables.copied_tables())) is not None:
        raise StoreError(f"{place}: {why}")


def open_target(url: str, source: str, *, command: str) -> SqlDatabase:
    """The database to copy into, made where there is none, on which it is noted that a copy is under way.

    Raises `UsageError` where it holds galleries, other than the one that comes with the package and nobody changed.
    """
    try:
        target = open_database(url, command=command)
    except UnfinishedCopyError:
        target, found = open_as_found(url, command=command)
        if found != schema.UNFINISHED_COPY:
            target.close()
            raise UsageError(
                f"{target.location} holds a copy that another version of this program began: remove it, then copy again"
            ) from None
        return target
    try:
        with target.write() as connection:
            progress.require_none(connection)
            _require_empty(connection, target.location)
            begin(connection, source, to_erase=_holds_something(connection))
    except BaseException:
        target.close()
        raise
    return target


def begin(connection: Connection, source: str, *, to_erase: bool) -> None:
    """Empty a database, and note that a copy begins."""
    empty(connection, tables.every_table())
    progress.begin(connection, tables.COPIED, source=source, to_erase=to_erase)


def _require_empty(connection: Connection, place: str) -> None:
    names = [one.name for one in records(connection) if not shipped.is_as_installed(connection, one)]
    if names:
        raise UsageError(
            f"{place} holds galleries already ('{names[0]}'{', ...' if names[1:] else ''}): copy into an empty "
            "database, or take single galleries along with 'identity export bundle'"
        )


def _holds_something(connection: Connection) -> bool:
    return any(connection.execute(select(1).select_from(one).limit(1)).first() for one in tables.every_table())
