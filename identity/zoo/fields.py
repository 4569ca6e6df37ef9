"""Reads single fields of a manifest, and says in one line what is wrong with one. Raises `ModelError`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from identity.core.errors import ModelError

LARGEST_NUMBER = 1e30
LARGEST_WHOLE = 2**63
Document = Mapping[str, object]


def section_of(document: Document, key: str) -> Document:
    """An object within the document."""
    section = document.get(key)
    if not isinstance(section, dict):
        raise ModelError(f"'{key}' must be an object")
    return section


def text_of(document: Document, key: str) -> str:
    """A text."""
    value = document.get(key)
    if not isinstance(value, str):
        raise ModelError(f"'{key}' must be a string")
    return value


def choice_of(document: Document, key: str, choices: tuple[str, ...]) -> str:
    """A text that is one of some."""
    value = text_of(document, key)
    if value not in choices:
        raise ModelError(f"'{key}' must be one of {', '.join(choices)}, not {short(value)}")
    return value


def matching_text(document: Document, key: str, pattern: re.Pattern[str], wanted: str) -> str:
    """A text of a given form."""
    value = text_of(document, key)
    if not pattern.fullmatch(value):
        raise ModelError(f"'{key}' must be {wanted}, not {short(value)}")
    return value


def whole_number(document: Document, key: str, *, at_least: int) -> int:
    """A whole number that a database can hold."""
    value = document.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or not at_least <= value < LARGEST_WHOLE:
        raise ModelError(f"'{key}' must be a whole number of at least {at_least}, not {short(value)}")
    return value


def number_of(value: object, key: str) -> float:
    """A number that float32 can hold."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST_NUMBER:
        raise ModelError(f"'{key}' must be a finite number, not {short(value)}")
    return float(value)


def short(value: object) -> str:
    """A value as an error shows it."""
    try:
        return repr(value)[:60]
    except ValueError:  # Python writes no number of more than 4300 digits
        return "one of thousands of digits"


def length_of(value: object) -> int:
    """How many entries a list has, -1 for anything else."""
    return len(value) if isinstance(value, list) else -1


def reason_of(error: Exception) -> str:
    """What an error says, in one line."""
    return " ".join((getattr(error, "strerror", None) or str(error) or type(error).__name__).split())[:200]
