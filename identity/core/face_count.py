"""How many faces of a photograph are enrolled, and the reason where it shows none.

A file of its own, because a command line reads it at every start.
"""

from enum import StrEnum

NO_FACE = "no face found"


class FaceCount(StrEnum):
    """How many faces of a photograph are wanted."""

    REQUIRE_ONE = "require-one"
    LARGEST = "largest"
    ALL = "all"
