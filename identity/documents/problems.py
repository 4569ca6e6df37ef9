"""Errors as problem documents (RFC 9457): the line that the commands print, parted into cause and cure."""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict

from identity.core import errors


class ProblemFields(TypedDict):
    """What went wrong: `detail` is the cause, `cure` what helps; `changed` says what others did meanwhile."""

    type: str
    title: str
    status: int
    detail: str
    cure: str | None
    changed: NotRequired[list[str]]


# The first class that an error is of: its name in addresses, its title, and its status.
_KINDS: tuple[tuple[type[errors.IdentityError], str, str, int], ...] = (
    (errors.NotFoundError, "not-found", "There is no such thing", 404),
    (errors.GalleryChangedError, "gallery-changed", "Somebody changed the gallery", 412),
    (errors.StoreBusyError, "store-busy", "Another program is writing", 503),
    (errors.StoreGoneError, "store-gone", "The database cannot be reached", 503),
    (errors.StoreError, "store", "The database cannot be used", 500),
    (errors.IndexFileError, "index", "An index file cannot be used", 500),
    (errors.WorkersError, "workers", "The workers cannot be used", 503),
    (errors.NotCalibratedError, "not-calibrated", "The gallery has no thresholds", 409),
    (errors.SpaceMismatchError, "space", "The vectors are of different spaces", 409),
    (errors.ModelError, "model", "A model cannot be used", 409),
    (errors.IdentityError, "request", "The request cannot be answered", 422),
)


def problem_of(error: errors.IdentityError) -> ProblemFields:
    """The problem that an error is."""
    name, title, status = next(kind[1:] for kind in _KINDS if isinstance(error, kind[0]))
    cause, cure = parted(str(error))
    return problem(name, title, status, cause=cause, cure=cure)


def problem(name: str, title: str, status: int, *, cause: str, cure: str | None) -> ProblemFields:
    """A problem; `name` is the last part of its type."""
    return {"type": f"urn:identity:problem:{name}", "title": title, "status": status, "detail": cause, "cure": cure}


def unforeseen() -> ProblemFields:
    """The problem where something went wrong that nobody foresaw; what it was stands on the terminal."""
    cure = "look at what the server wrote on its terminal, and report it"
    return problem("failed", "The server failed", 500, cause="an error that nobody foresaw", cure=cure)


def parted(line: str) -> tuple[str, str | None]:
    """Cause and cure of a line `cause: cure`; a colon inside of brackets parts nothing."""
    cause, colon, cure = line.rpartition(": ")
    if not colon or cure.count(")") > cure.count("("):
        return line, None
    return cause, cure
