"""Runs a command under strace, and reads from the log what it did to the files of one folder, in order."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from power.operations import Cut, FolderMade, Opened, Operation, Removed, Renamed, Synced, Written

CALLS = (
    "openat,open,creat,write,pwrite64,writev,pwritev,pwritev2,ftruncate,truncate,fallocate,rename,renameat,renameat2,"
    "unlink,unlinkat,rmdir,fsync,fdatasync,sync_file_range,mkdir,mkdirat,sendfile,copy_file_range,lseek,link,linkat,"
    "symlink,symlinkat"
)
STRACE = ("strace", "-f", "-y", "-xx", "-s", "100000000", "--seccomp-bpf", "-e", "signal=none", "-e", f"trace={CALLS}")
IGNORED = "-shm"  # SQLite's map of its log is made anew after a crash
_HEX = r"(?:\\x[0-9a-f]{2})*"
_CALL = re.compile(r"(\d+) +(\w+)\((.*)\) += (-?\d+)(?:<.*>)?(?: .*)?", re.DOTALL)
_UNFINISHED = re.compile(r"(\d+) +(\w+)\((.*) <unfinished \.\.\.>", re.DOTALL)
_RESUMED = re.compile(r"(\d+) +<\.\.\. (\w+) resumed>(.*)", re.DOTALL)
_HANDLE = re.compile(rf"(AT_FDCWD|\d+)<({_HEX})>(\(deleted\))?")
_STRING = re.compile(rf'"({_HEX})"')


def is_available() -> bool:
    """Whether strace is here and may trace."""
    try:
        return subprocess.run([*STRACE, "-o", os.devnull, "true"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def traced(command: Sequence[str], *, log: Path) -> subprocess.CompletedProcess[str]:
    """Run a command; what it called is in `log`."""
    return subprocess.run([*STRACE, "-o", str(log), *command], capture_output=True, text=True, check=False)


def operations(log: Path, folder: Path) -> list[Operation]:
    """What a log says of the files in `folder`."""
    reader = _Reader(str(folder))
    with log.open(encoding="ascii") as lines:
        return [operation for call in _calls(lines) for operation in reader.read(*call)]


def _calls(lines: Iterator[str]) -> Iterator[tuple[str, str, int]]:
    """Name, arguments and result of each call that succeeded, where it ended; threads interrupt each other's lines."""
    begun: dict[str, str] = {}
    for line in lines:
        text = line.rstrip("\n")
        if cut := _UNFINISHED.fullmatch(text):
            begun[cut[1]] = f"{cut[1]} {cut[2]}({cut[3]}"
            continue
        if resumed := _RESUMED.fullmatch(text):
            text = begun.pop(resumed[1]) + resumed[3]
        found = _CALL.fullmatch(text)
        if found and int(found[4]) >= 0:
            yield found[2], found[3], int(found[4])


def _bytes(hexadecimal: str) -> bytes:
    return bytes.fromhex(hexadecimal.replace("\\x", ""))


@dataclass
class _Reader:
    """Turns calls into operations; remembers where each handle stands."""

    folder: str
    places: dict[int, int] = field(default_factory=dict)
    lengths: dict[str, int] = field(default_factory=dict)

    def read(self, name: str, arguments: str, result: int) -> list[Operation]:
        """The operations of one call on files of the folder."""
        handle = _HANDLE.match(arguments)
        path = self._inside(os.fsdecode(_bytes(handle[2]))) if handle and not handle[3] else None
        match name:
            case "openat" | "open" | "creat":
                return self._open(self._named(arguments)[0], arguments, result)
            case "mkdir" | "mkdirat":
                return [FolderMade(one) for one in self._named(arguments) if one]
            case "rename" | "renameat" | "renameat2":
                return self._rename(*self._named(arguments))
            case "unlink" | "unlinkat" | "rmdir":
                return [Removed(one) for one in self._named(arguments) if one]
            case "sendfile" if path:
                return self._send(path, arguments, result)
            case "lseek" if path and handle:
                self.places[int(handle[1])] = result
                return []
        return self._on_handle(name, path, int(handle[1]), arguments, result) if path and handle else []

    def _on_handle(self, name: str, path: str, handle: int, arguments: str, result: int) -> list[Operation]:
        match name:
            case "write" | "sendfile":
                self.places[handle] = self.places.get(handle, 0) + result
                return [self._write(path, self.places[handle] - result, _content(arguments)[:result])]
            case "pwrite64":
                return [self._write(path, int(arguments.rsplit(", ", 1)[1]), _content(arguments)[:result])]
            case "ftruncate":
                self.lengths[path] = int(arguments.rsplit(", ", 1)[1])
                return [Cut(path, self.lengths[path])]
            case "fsync" | "fdatasync":
                return [Synced(path)]
            case _:
                raise NotImplementedError(f"the replay does not know {name}({arguments[:200]}")

    def _open(self, path: str | None, arguments: str, handle: int) -> list[Operation]:
        flags = arguments.rpartition('"')[2]
        if path is None or "O_DIRECTORY" in flags or not ("O_WRONLY" in flags or "O_RDWR" in flags):
            return []
        empty = "O_TRUNC" in flags
        self.lengths[path] = 0 if empty else self.lengths.get(path, 0)
        self.places[handle] = self.lengths[path] if "O_APPEND" in flags else 0
        return [Opened(path, "O_CREAT" in flags, empty)]

    def _rename(self, path: str | None, to: str | None) -> list[Operation]:
        if path is None and to is None:
            return []
        if path is None or to is None:
            raise NotImplementedError("the replay knows no file that is moved into or out of the folder")
        self.lengths[to] = self.lengths.pop(path, 0)
        return [Renamed(path, to)]

    def _write(self, path: str, offset: int, content: bytes) -> Written:
        self.lengths[path] = max(self.lengths.get(path, 0), offset + len(content))
        return Written(path, offset, content)

    def _send(self, path: str, arguments: str, count: int) -> list[Operation]:
        """Bytes copied by the kernel, from a file that is still what it was."""
        (target, _, _), (_, source, _) = _HANDLE.findall(arguments)
        start = int(re.search(r", \[(\d+)\]", arguments)[1])
        with open(_bytes(source), "rb") as file:  # noqa: PTH123 (a path of bytes)
            file.seek(start)
            content = file.read(count)
        at = self.places.get(int(target), 0)
        self.places[int(target)] = at + count
        return [self._write(path, at, content)] if count else []

    def _named(self, arguments: str) -> list[str | None]:
        """The paths a call names, each None outside the folder."""
        folders = [os.fsdecode(_bytes(found[1])) for found in _HANDLE.findall(arguments.rpartition('"')[0])]
        names = [os.fsdecode(_bytes(found)) for found in _STRING.findall(arguments)]
        from_where = [*folders, *["/"] * (len(names) - len(folders))]
        return [self._inside(str(Path(folder) / name)) for folder, name in zip(from_where, names, strict=False)]

    def _inside(self, path: str) -> str | None:
        relative = os.path.relpath(path, self.folder)
        return None if relative.startswith("..") or relative.endswith(IGNORED) else relative


def _content(arguments: str) -> bytes:
    return _bytes(_STRING.search(arguments)[1])
