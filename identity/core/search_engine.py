"""Which engine searches a gallery: that follows from how many identities it has, and how large they are."""

from __future__ import annotations

from enum import StrEnum

MANY_SAMPLES, SMALL_IDENTITY = 4096, 256  # fewer samples, or larger identities on average: `FLAT` is as fast


class SearchEngine(StrEnum):
    """Both are exact: one looks for the nearest samples of every identity, the other for what is near at all."""

    FLAT = "flat"
    CERTIFIED = "certified"


def engine_for(*, samples: int, named: int, identities: int) -> SearchEngine:
    """The faster engine for so many searched samples, of which so many belong to so many identities."""
    many = samples >= MANY_SAMPLES and named < SMALL_IDENTITY * identities
    return SearchEngine.CERTIFIED if many else SearchEngine.FLAT
