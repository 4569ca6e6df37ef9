"""How names from outside are shown: bytes that are not UTF-8, control characters and marks of direction as escapes.

Two different names are never shown alike: where a name holds bytes that are not UTF-8 they read `\\xe9`, and its own
backslashes are doubled; a name that would read like that by itself has its backslashes doubled too. Every other name
is shown as it is.
"""

from __future__ import annotations

import os
import re

FOREIGN = re.compile("[\udc80-\udcff]")  # what `os.fsdecode` makes of a byte that is not UTF-8
LOOKS_FOREIGN = re.compile(r"\\x[89a-f][0-9a-f]")
LONE_SURROGATE = re.compile("[\ud800-\udfff]")
UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def shown_name(name: str | os.PathLike[str]) -> str:
    """A file's name or path in characters that every database, document and terminal takes."""
    text = os.fspath(name)
    if not LONE_SURROGATE.search(text) and not LOOKS_FOREIGN.search(text):
        return text
    doubled = FOREIGN.sub(lambda found: f"\\x{ord(found[0]) - 0xDC00:02x}", text.replace("\\", "\\\\"))
    return LONE_SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", doubled)


def bytes_of_name(name: str | os.PathLike[str]) -> bytes | None:
    """The name's own bytes, where it is shown otherwise than it is."""
    text = os.fspath(name)
    return None if shown_name(text) == text else os.fsencode(text)


def visible(text: str) -> str:
    """A text for a terminal: what moves the cursor, turns the direction or cannot be seen is written as an escape."""
    return UNSEEN.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    character = found[0]
    if FOREIGN.fullmatch(character):
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")
