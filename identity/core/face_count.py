"""How many faces of a photograph are enrolled; a file of its own, as a command line reads it at every start."""

from enum import StrEnum


class FaceCount(StrEnum):
    """How many faces of a photograph are wanted."""

    REQUIRE_ONE = "require-one"
    LARGEST = "largest"
    ALL = "all"
