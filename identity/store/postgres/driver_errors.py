"""Turns what server and driver say into one line with cause and cure, where there is a cure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from identity.core.errors import StoreBusyError, StoreError, StoreGoneError, UsageError

_BY_STATE = {  # SQLSTATE, or its class
    "28": "{place} refuses this user ({cause}): check user and password in the address, or in ~/.pgpass",
    "3D000": "{place} does not exist: create it with 'createdb', or check the address",
    "42501": (
        "this user may not do that in {place} ({cause}): let its owner GRANT it; the first command of all needs "
        "CREATE EXTENSION vector, run by its owner, and GRANT CREATE ON DATABASE to this user"
    ),
    "0A000": "{place} cannot do what is needed ({cause}): install pgvector on the server",
    "58P01": "{place} cannot do what is needed ({cause}): install pgvector on the server",
    "25006": "{place} cannot be written, it is read-only or a standby: write to its primary",
    "53100": "there is no space left to write {place}: free some disk space on the server and run the command again",
    "53300": "{place} takes no more connections: stop other programs, or raise max_connections",
    "XX001": "{place} is damaged ({cause}): restore a backup of it",
    "XX002": "{place} is damaged ({cause}): run REINDEX DATABASE in it, or restore a backup",
    "58": "{place} cannot be read or written ({cause}): check the server's disk and its free space",
    "53": "{place} is out of resources ({cause}): see the server's log",
    "57P03": "{place} is starting or stopping ({cause}): wait, then run the command again",
}
_BY_WORDS = {  # what has no state: the connection was never made
    "password authentication failed": _BY_STATE["28"],
    "no password supplied": _BY_STATE["28"],
    "no pg_hba.conf entry": _BY_STATE["28"],
    "the database system is": _BY_STATE["57P03"],  # starting up, not yet accepting connections, shutting down
    "too many clients": _BY_STATE["53300"],
    "role": _BY_STATE["28"],
    "database": _BY_STATE["3D000"],
}
_UNREACHED = "{place} cannot be reached ({cause}): check that the server runs, and host and port in the address"
_WORKER = "a worker of {place} cannot be reached ({cause}): start it, then run the command again"
_REFUSED = "{place} refuses what PostgreSQL itself would do ({cause}): see what stands before it, Citus or a pooler"
_BUSY = ("55P03", "40P01", "40001")  # a lock not had in time, a deadlock, an order that cannot be
_STOPPED = ("57P01", "57P02", "08")
LOST = (
    "the connection to {place} was lost, and nothing of this step was written: run the command again, "
    "what is there already is not written twice"
)
LOST_ERASING = "the connection to {place} was lost"
LOST_AT_COMMIT = (
    "the connection to {place} was lost while the last step was being written, which may or may not have been kept: "
    "run the command again, what is there already is not written twice"
)


@contextmanager
def translate_driver_errors(place: str, *, holder: Callable[[], str], lost: str = LOST) -> Iterator[None]:
    """Raise `StoreError` for what the database cannot do.

    That is `StoreBusyError` where a lock was not had, and `StoreGoneError` where there is no server, or none any more.

    `lost` is what is said where the connection broke.
    """
    try:
        yield
    except DBAPIError as error:
        raise _store_error(error, place, holder, lost) from error


def is_unreached(error: DBAPIError) -> bool:
    """Whether no connection was had, because the server is not there or not ready."""
    return not error.connection_invalidated and _sentence_of(error) in (_UNREACHED, _BY_STATE["57P03"])


def _store_error(error: DBAPIError, place: str, holder: Callable[[], str], lost: str) -> Exception:
    state = _state(error)
    if state in _BUSY:
        return StoreBusyError(f"{place} is being written by {holder()}: wait until it is done, or stop it")
    if "remote node" in str(error.orig):  # Citus's words
        return StoreError(_WORKER.format(place=place, cause=_cause(error)))
    if error.connection_invalidated or state.startswith(_STOPPED):
        return StoreGoneError(lost.format(place=place))
    if state.startswith("22021") or "NUL" in str(error.orig):
        return UsageError("a name holds a character that PostgreSQL cannot store (NUL): leave it out")
    sentence = _sentence_of(error)
    if sentence is None:
        return error
    kind = StoreGoneError if sentence in (_UNREACHED, _BY_STATE["57P03"]) else StoreError
    return kind(sentence.format(place=place, cause=_cause(error)))


def _sentence_of(error: DBAPIError) -> str | None:
    state = _state(error)
    if state == "0A000" and "extension" not in str(error.orig):
        return _REFUSED
    if state:
        return _BY_STATE.get(state) or _BY_STATE.get(state[:2])
    if type(error.orig).__name__ not in ("OperationalError", "ConnectionTimeout"):
        return None
    said = str(error.orig)
    return next((sentence for words, sentence in _BY_WORDS.items() if f"{words}" in said), _UNREACHED)


def _state(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""


def _cause(error: DBAPIError) -> str:
    """The last line of the driver's words: those before it name addresses that were tried."""
    lines = [line.strip() for line in str(error.orig).splitlines() if line.strip()]
    first = next((line for line in lines if "FATAL" in line or "failed" in line), lines[0] if lines else "")
    return first.rpartition("FATAL:")[2].strip().removeprefix("connection failed: ")
