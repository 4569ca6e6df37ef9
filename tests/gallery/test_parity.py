"""What a command does can be done through the Python API: docs/python.md names a call for each, and the calls exist."""

import re
import typing
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from typer.main import get_command

from identity.cli.main import app
from identity.gallery import Gallery
from identity.gallery.clusters import Clusters
from identity.gallery.files import Files
from identity.gallery.people import People
from identity.gallery.plots import Plots
from identity.gallery.samples import Samples
from identity.home import Home
from identity.models import Models

PAGE = Path(__file__).parents[2] / "docs" / "python.md"
ROOTS = {"Gallery": Gallery, "Home": Home, "Models": Models}
PARTS = {"clusters": Clusters, "files": Files, "people": People, "plots": Plots, "samples": Samples}


def commands(command: typing.Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    """The names of all commands below one; a group that works without a sub-command is one too."""
    parts = getattr(command, "commands", None)
    if parts is None or (path and command.invoke_without_command):
        yield " ".join(path)
    for name, part in (parts or {}).items():
        yield from commands(part, (*path, name))


def rows() -> dict[str, list[str]]:
    """Command to the calls that its row of the page names."""
    section = PAGE.read_text().split("## Every command as a call")[1].split("\n## ")[0]
    found = re.findall(r"^\| `([a-z ]+)` \| (.+) \|$", section, re.M)
    return {command: re.findall(r"`([A-Za-z_]+(?:\.[a-z_]+)+)`", calls) for command, calls in found}


def resolve(call: str) -> typing.Any:
    """What a dotted name stands for: of a class, of a part of a gallery, or of a module."""
    root, *names = call.split(".")
    if root not in ROOTS:
        module, name = call.rsplit(".", 1)
        return getattr(import_module(module), name)
    found = getattr(ROOTS[root], names[0])
    return getattr(PARTS[names[0]], names[1]) if len(names) > 1 else found


def test_every_command_has_a_row_and_every_row_a_command():
    assert set(rows()) == set(commands(get_command(app)))


@pytest.mark.parametrize(("command", "calls"), rows().items())
def test_the_calls_of_a_row_exist(command, calls):
    assert calls, command
    assert all(resolve(call) is not None for call in calls)


def test_a_call_that_does_not_exist_is_noticed():
    with pytest.raises(AttributeError):
        resolve("Gallery.people.adopt")
