"""The entry point: the one place where errors become lines and exit codes."""

from __future__ import annotations

import gc
import io
import os
import sys
from contextlib import suppress
from typing import NoReturn

from identity import IdentityError
from identity.cli import (  # noqa: F401 (commands)
    calibrating,
    clustering,
    configuring,
    databases,
    demonstrating,
    enrolling,
    evaluating,
    galleries,
    maintaining,
    measuring,
    models,
    moving,
    naming,
    people,
    plotting,
    querying,
    reembedding,
    samples,
    serving,
    setting_aside,
    sharding,
    syncing,
    verifying,
)
from identity.cli.app import app
from identity.cli.render import complain, missing_fonts_said

FAILED = 1
UNUSABLE = 2
INTERRUPTED = 130  # as shells say it: 128 + SIGINT
ALLOCATIONS = 100_000  # between two looks for garbage: what the imports make is none
ANYWHERE = ("--home", "--database", "--snapshot-limit", "--search-on")


def run() -> NoReturn:
    """The program as a process: `main`, then out at once. To take so many modules apart would cost a tenth of a query.

    By then every file and database is closed: they live in `with` blocks.
    """
    gc.set_threshold(ALLOCATIONS)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that lacks a letter is no reason to stop
    code: object = 0
    try:
        main()
    except SystemExit as stop:
        code = stop.code
    with suppress(BrokenPipeError):  # whoever read us has seen enough
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 0 if code is None else 1)


def main(arguments: list[str] | None = None) -> None:
    """Run the program; every answerable error is one line on stderr and an exit code."""
    try:
        with missing_fonts_said():
            app(args=hoist_locations(sys.argv[1:] if arguments is None else arguments), prog_name="identity")
    except IdentityError as error:
        complain(str(error))
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        complain("interrupted; what was written stays, run the command again to do the rest")
        sys.exit(INTERRUPTED)
    except UnicodeEncodeError as error:  # of a name given as bytes that are not UTF-8
        complain(f"the name {str(error.object)[:200]!r} is not UTF-8: give it in UTF-8")
        sys.exit(UNUSABLE)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # whoever read us has seen enough
    except OSError as error:
        if error.filename is None:
            raise
        complain(f"{error.filename} cannot be used ({error.strerror}): check the path, permissions and free space")
        sys.exit(FAILED)


def hoist_locations(arguments: list[str]) -> list[str]:
    """`--home X` and its like may stand anywhere; the parser wants them before the command."""
    front: list[str] = []
    rest: list[str] = []
    waiting = iter(arguments)
    for argument in waiting:
        if argument == "--":
            return [*front, *rest, argument, *waiting]
        if argument in ANYWHERE:
            front += [argument, *[value for value in [next(waiting, None)] if value is not None]]
        elif argument.startswith(tuple(f"{option}=" for option in ANYWHERE)):
            front.append(argument)
        else:
            rest.append(argument)
    return [*front, *rest]
