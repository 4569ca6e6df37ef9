"""Takes people's names out of paths: a folder or file that is called after somebody is written `(forgotten)`.

A name counts where it stands as words of its own, whatever the case, the form of its accents, and what is between its
words; one without letters counts as a whole folder only. The folder of an account (`/home/anna`) names whoever uses
the computer, not whom photographs show: it stays.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from unicodedata import category, east_asian_width, normalize

FORGOTTEN = "(forgotten)"
ACCOUNT = re.compile(r"(?:/home|/Users|/media|/run/media|[A-Za-z]:[\\/]Users)[\\/][^\\/]+")
PLACE = re.compile(r"([\\/]+)")
BETWEEN_WORDS = re.compile(r"[\s_.+-]+")


class NamesInPaths:
    """Finds the names of people who are gone. `others` are names of people who stay, as Anna Berg where Anna goes."""

    def __init__(self, names: Iterable[str], *, others: Iterable[str] = ()) -> None:
        plain = {_plain(name) for name in names}
        self._words = [name for name in plain if any(map(str.isalpha, name))]
        self._folders = plain.difference(self._words)
        stay = {_plain(other) for other in others} - plain
        self._seen: dict[str, bool] = {}  # folders come again and again
        self._longer = sorted((one for one in stay if any(name in one for name in self._words)), key=len, reverse=True)

    def __bool__(self) -> bool:
        """Whether there is a name to look for."""
        return bool(self._words or self._folders)

    def taken_out(self, path: str) -> str | None:
        """The path without the names, both as `os.fsdecode` spells them; None where it holds none of them."""
        account = ACCOUNT.match(path)
        start = 0 if account is None else account.end()
        *folders, file = PLACE.split(path[start:])
        without = "".join(FORGOTTEN if self._is_folder(one) else one for one in folders)
        without += self._file(file)
        return None if without == path[start:] else path[:start] + without

    def _is_folder(self, part: str) -> bool:
        if part not in self._seen:
            self._seen[part] = self._is_named(part, folder=True)
        return self._seen[part]

    def _file(self, name: str) -> str:
        stem, ending = os.path.splitext(name)  # noqa: PTH122 (as text)
        if not self._is_named(name, folder=False):
            return name
        return FORGOTTEN + ("" if stem and self._is_named(ending, folder=False) else ending)

    def _is_named(self, part: str, *, folder: bool) -> bool:
        return any(self._speaks(_plain(reading), folder=folder) for reading in _readings(part))

    def _speaks(self, text: str, *, folder: bool) -> bool:
        if folder and text in self._folders:
            return True
        for longer in self._longer:
            for start, end in reversed(list(_places(longer, text))):
                text = f"{text[:start]}/{text[end:]}"
        return any(True for name in self._words for _ in _places(name, text))


def _plain(text: str) -> str:
    """One spelling of all that count as the same."""
    spelled = normalize("NFKC", normalize("NFKC", text).casefold())
    return BETWEEN_WORDS.sub(" ", spelled).strip() or spelled


def _readings(part: str) -> Iterator[str]:
    """What a part of a path may say: its bytes need not be UTF-8."""
    yield part
    if any("\udc80" <= letter <= "\udcff" for letter in part):
        yield os.fsencode(part).decode("latin-1")


def _places(name: str, text: str) -> Iterator[tuple[int, int]]:
    """Where the name stands in a text as words of its own."""
    start = text.find(name)
    while start >= 0:
        end = start + len(name)
        before, after = text[start - 1 : start], text[end : end + 1]
        if not _go_on(name[0], before) and not _go_on(name[-1], after):
            yield start, end
        start = text.find(name, start + 1)


def _go_on(edge: str, beside: str) -> bool:
    """Whether two letters or two digits belong to one word; some scripts put nothing between words."""
    if not beside or east_asian_width(edge) in "WF":
        return False
    return edge.isdigit() == beside.isdigit() and category(beside)[0] in "LMN"
