"""Turns what the database driver says into one line with cause and cure, where there is a cure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from identity.core.errors import StoreBusyError, StoreError

_SENTENCES = {
    "FULL": "there is no space left to write {path}: free some disk space and run the command again",
    "READONLY": "{path} cannot be written: get write permission for this file and its folder",
    "PERM": "{path} cannot be written: get write permission for this file and its folder",
    "CANTOPEN": "{path} cannot be opened: check that you may write in its folder, or use another --home",
    "CORRUPT": "{path} is damaged: restore a backup of it, or use another --home",
    "NOTADB": "{path} is not an identity database, or it is damaged: restore a backup of it, or use another --home",
    "ERROR": "{path} holds what cannot be read ({cause}): run 'identity doctor', and restore a backup",
    "IOERR": "{path} cannot be read or written ({cause}): check the disk and its free space",
}


@contextmanager
def translate_driver_errors(path: Path, *, holder: Callable[[], str]) -> Iterator[None]:
    """Raise `StoreError` (`StoreBusyError` where the write lock was not had) for what the file `path` cannot do."""
    try:
        yield
    except DBAPIError as error:
        raise _store_error(error, path, holder) from error


def _store_error(error: DBAPIError, path: Path, holder: Callable[[], str]) -> Exception:
    code = getattr(error.orig, "sqlite_errorname", "").removeprefix("SQLITE_").split("_")[0]
    if code in {"BUSY", "LOCKED"}:
        return StoreBusyError(f"{path} is being written by {holder()}: wait until it is done, or stop it")
    sentence = _SENTENCES.get(code)
    return StoreError(sentence.format(path=path, cause=error.orig)) if sentence else error
