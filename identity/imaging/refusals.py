"""What is said of a picture that cannot be decoded, whatever Pillow raised."""

from __future__ import annotations

from pathlib import PurePath

from PIL import Image as Pillow
from PIL import UnidentifiedImageError

from identity.core.errors import UnreadableImageError
from identity.imaging.formats import HeifUnreadError
from identity.imaging.unread import INSTALL_HEIC, why_unread


def refusal(named: str, error: Exception) -> UnreadableImageError:
    """The error in one line, cause and cure."""
    match error:
        case UnidentifiedImageError():
            cure = INSTALL_HEIC if isinstance(error, HeifUnreadError) else why_unread(PurePath(named).suffix)
            return UnreadableImageError(f"{named} is not an image that can be read: {cure or 'check its format'}")
        case Pillow.DecompressionBombError():
            return UnreadableImageError(
                f"{named} is too large to be decoded: scale it down, or raise IDENTITY_MAX_PIXELS"
            )
        case MemoryError():
            return UnreadableImageError(
                f"{named} needs too much memory to be decoded: scale it down, or raise IDENTITY_MAX_PIXELS"
            )
        case OSError() if error.errno is not None:
            return UnreadableImageError(
                f"{named} cannot be read ({error.strerror}): check the file and its permissions"
            )
        case _:
            cause = " ".join(str(error).split())[:200] or type(error).__name__
            return UnreadableImageError(
                f"{named} is truncated, damaged or too large ({cause}): copy it again, or scale it down"
            )
