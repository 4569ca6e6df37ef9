"""What is claimed of a bundle, and what is said where it is not so."""

from __future__ import annotations


def require(fact: bool, otherwise: str) -> None:  # noqa: FBT001 (a claim and what is said where it is false)
    """Raise `ValueError` with a few words, which the reader or writer puts into a line with its cure."""
    if not fact:
        raise ValueError(otherwise)
