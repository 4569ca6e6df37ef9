"""Turns what a value that nobody wrote makes the code raise into one line with cause and cure."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from identity.core.errors import StoreError, UsageError
from identity.core.shown import shown_name


@contextmanager
def translate_damaged_values(location: object) -> Iterator[None]:
    """Raise `StoreError` for what a value that nobody wrote makes the code that reads rows raise."""
    try:
        yield
    except UnicodeEncodeError as error:  # a name that was given, not one that is stored
        name = shown_name(str(error.object))[:200]
        raise UsageError(f"the name '{name}' is not valid UTF-8: give it as it is shown") from error
    except (ValueError, TypeError, KeyError, OverflowError, AttributeError) as error:
        raise StoreError(
            f"{location} holds a value that cannot be read ({type(error).__name__}: {error}): "
            "run 'identity doctor', and restore a backup"
        ) from error
