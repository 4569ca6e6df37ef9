"""Makes a home ready for photographs of people: a detector, a face network, a gallery; what is there stays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from identity.core.domain import domain_of
from identity.core.errors import UsageError
from identity.core.types import GalleryRecord
from identity.zoo.folder import InstalledModel, ModelFolder

DETECTOR = "yunet"


@dataclass(frozen=True, slots=True)
class SetupReport:
    """The gallery, the networks that it needs, and what of all that was not there before."""

    gallery: GalleryRecord
    models: tuple[InstalledModel, ...]
    fetched: frozenset[str]
    created: bool


class Create(Protocol):
    """Makes a gallery, as a home does."""

    def __call__(self, name: str, *, model: str, detector: str | None) -> GalleryRecord:
        """The new gallery."""
        ...


def set_up_faces(
    there: GalleryRecord | None,
    wanted: tuple[str, str],
    models: ModelFolder,
    pull: Callable[[str], object],
    create: Create,
) -> SetupReport:
    """`wanted` are the names of gallery and network; `there` is the gallery that has the name already.

    Raises `UsageError` where that one is made for something else, before anything is fetched.
    """
    gallery, model = wanted
    if there is not None and (there.model, there.detector) != (model, DETECTOR):
        raise UsageError(
            f"gallery '{gallery}' is there, with model '{there.model}' and detector '{there.detector}': "
            "choose another name with --gallery"
        )
    missing = [name for name in (DETECTOR, model) if models.facts(name) is None]
    for name in missing:
        pull(name)
    installed = tuple(models.get(name) for name in (DETECTOR, model))
    if domain_of(installed[-1].manifest).detector != DETECTOR:
        raise UsageError(f"model '{model}' is no face network: choose one with --model, see 'identity models list'")
    record = there or create(gallery, model=model, detector=DETECTOR)
    return SetupReport(record, installed, frozenset(missing), there is None)
