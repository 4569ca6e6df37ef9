"""Names of what is not finished yet, and how to tell what a killed program left from what another one is making.

Such a name is hidden, stands beside the final one and holds the number of the process: `.NAME.PID-TOKEN.ENDING`.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

UNFINISHED = "unfinished"
ABANDONED_S = 24 * 3600  # whatever is this old belongs to nobody any more
_NAME = re.compile(r"\.(?P<name>.+)\.(?P<pid>\d+)-[0-9a-f]{8}\.(?P<ending>[a-z]+)(-journal|-wal|-shm)?", re.DOTALL)


def beside(final: Path, ending: str = UNFINISHED) -> Path:
    """A name beside `final` that nobody has."""
    return final.with_name(f".{final.name}.{os.getpid()}-{os.urandom(4).hex()}.{ending}")


def abandoned(folder: Path, ending: str = UNFINISHED, *, name: str | None = None) -> Iterator[tuple[str, Path]]:
    """What programs that run no longer left in a folder: the final name it was meant for, and where it is.

    Only that meant for `name`, where one is given. A folder that is not there has none.
    """
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            found = _NAME.fullmatch(entry.name)
            if found and found["ending"] == ending and name in {None, found["name"]} and _is_abandoned(entry, found):
                yield found["name"], folder / entry.name


def sweep(final: Path) -> None:
    """Delete the unfinished files that killed programs left beside `final`; what cannot be deleted stays."""
    for _, left in abandoned(final.parent, name=final.name):
        with suppress(OSError):
            left.unlink()


def is_alive(pid: int) -> bool:
    """Whether a process of this number runs; where that cannot be asked, it does."""
    if os.name == "nt":  # there, signal 0 is no question
        return True
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _is_abandoned(entry: os.DirEntry[str], found: re.Match[str]) -> bool:
    if not is_alive(int(found["pid"])):
        return True
    return time.time() - entry.stat(follow_symlinks=False).st_mtime > ABANDONED_S
