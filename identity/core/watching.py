"""What a caller may watch while a verb works; unless told otherwise nobody does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from identity.core.types import SourceImage, UnreadFiles

Progress = Callable[[int], None]  # told how many images are done since the last call
OnFailure = Callable[["SourceImage"], None]  # told of each image that could not be read
OnUnread = Callable[[Sequence["UnreadFiles"]], None]  # told of files that look like pictures and are not read
Say = Callable[[str], None]  # told in a sentence what is done anew


def nobody(_news: object) -> None:
    """Nobody watches."""
