"""Reads the code blocks of README.md and docs/*.md, and runs them as a reader would who copies them line by line.

    ```console          lines that start with "$ " are run; the lines below each are what it shows
    ```console faces    the same, with networks for faces and photographs of people
    ```python           run as a program
    ```sh               never run: it needs a download, or hours

A command must exit with the code of its comment `# exit code N`, else 0. Of each shown line, the first two words must
begin a line of what the program said; a line `...` stands for any number of lines.
"""

from __future__ import annotations

import contextlib
import io
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

from identity.cli.main import main

FENCE = re.compile(r"^```(\S*)[ ]?(.*)$")
EXIT_CODE = re.compile(r"#.*exit code (\d+)")
FIRST_WORDS = 2
RUN = ("console", "python")
NEVER_RUN = ("sh", "json", "text", "csv")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the words behind it, its lines, and the number of its first line."""

    page: str
    line: int
    language: str
    words: tuple[str, ...]
    lines: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def needs_faces(self) -> bool:
        return "faces" in self.words


@dataclass
class Command:
    """One line to run, the exit code it must have, and the lines shown below it."""

    arguments: list[str]
    code: int = 0
    shown: list[str] = field(default_factory=list)


def blocks_of(text: str, *, page: str) -> list[Block]:
    """Every fenced block of a page, in order."""
    found: list[Block] = []
    opening: re.Match[str] | None = None
    lines: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        fence = FENCE.match(line)
        if opening is None and fence:
            opening, lines = fence, []
        elif opening is not None and fence and not fence[1]:
            start = number - len(lines)
            found.append(Block(page, start, opening[1], tuple(opening[2].split()), tuple(lines)))
            opening = None
        elif opening is not None:
            lines.append(line)
    assert opening is None, f"{page}: a block is never closed"
    return found


def commands_of(block: Block) -> list[Command]:
    """The commands of a console block. Every line is a command, or is shown by the one above it."""
    found: list[Command] = []
    for line in block.lines:
        if line.startswith("$ "):
            code = EXIT_CODE.search(line)
            found.append(Command(shlex.split(line[2:], comments=True), int(code[1]) if code else 0))
        elif line.strip():
            assert found, f"{block.name}: '{line}' is shown before any command"
            found[-1].shown.append(line)
    return found


def missing_lines(shown: list[str], said: str) -> list[str]:
    """The shown lines that begin no line of what was said."""
    heard = [line.split()[:FIRST_WORDS] for line in said.splitlines()]
    wanted = [line for line in shown if line.strip() != "..."]
    return [line for line in wanted if line.split()[:FIRST_WORDS] not in [one[: len(line.split())] for one in heard]]


def run_block(block: Block) -> None:
    """Run a block in the current folder. Raises `AssertionError` where it does not do what the page shows."""
    if block.language == "python":
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile("\n".join(block.lines), block.name, "exec"), {"__name__": "__main__"})
        return
    for command in commands_of(block):
        _run_command(block, command)


def _run_command(block: Block, command: Command) -> None:
    program, *arguments = command.arguments
    line = shlex.join(command.arguments)
    assert program == "identity", f"{block.name}: only `identity` can be run, mark the block as sh: {line}"
    code, out, err = run_identity(arguments)
    assert code == command.code, f"{block.name}: {line}: exit code {code}, not {command.code}\n{err}"
    missing = missing_lines(command.shown, f"{out}\n{err}")
    assert not missing, f"{block.name}: {line}: not shown: {missing}\nsaid:\n{out}{err}"


def run_identity(arguments: list[str]) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of `identity ARGUMENTS` in this process."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(arguments)
        except SystemExit as stop:
            code = int(stop.code or 0)
    return code, out.getvalue(), err.getvalue()


def pages(root: Path) -> list[Path]:
    """README.md and every page of docs/."""
    return [root / "README.md", *sorted((root / "docs").glob("*.md"))]
