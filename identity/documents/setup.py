"""The documents `identity.setup/1` and `identity.config/1`: what a home is ready for, and what is meant."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING

from typing_extensions import TypedDict

if TYPE_CHECKING:
    from identity.home import Home
    from identity.workflows.setting_up import SetupReport


class NetworkFields(TypedDict):
    """A network that a gallery needs; `fetched` where it was not installed before."""

    name: str
    licence: str
    bytes: int
    fetched: bool


class SetupFields(TypedDict):
    """The gallery, whether it was made just now, its networks, and the commands that come next."""

    gallery: str
    created: bool
    models: list[NetworkFields]
    next: list[str]


class ConfigFields(TypedDict):
    """The gallery that is meant where none is named."""

    default_gallery: str


def setup_fields(report: SetupReport, home: Home) -> SetupFields:
    """What the report says, and what to do with it."""
    return {
        "gallery": report.gallery.name,
        "created": report.created,
        "models": [
            {
                "name": one.manifest.name,
                "licence": one.manifest.licence,
                "bytes": one.manifest.bytes,
                "fetched": one.manifest.name in report.fetched,
            }
            for one in report.models
        ],
        "next": _next(report.gallery.name, home.default_gallery),
    }


def _next(gallery: str, usual: str) -> list[str]:
    named = quote(gallery)
    chosen = [] if gallery == usual else [f"identity config default-gallery {named}"]
    return [*chosen, f"identity enroll -g {named} PHOTOGRAPHS", f"identity query -g {named} PHOTOGRAPH"]


def config_fields(home: Home) -> ConfigFields:
    """What was chosen, or what is meant where nothing was."""
    return {"default_gallery": home.default_gallery}
