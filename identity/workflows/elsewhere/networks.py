"""The networks that workers need: those they have are used, others travel once, by digest, and are kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from identity.core.errors import ModelError, NotFoundError, SpaceMismatchError, WorkersError
from identity.core.model import ModelManifest
from identity.workflows.describe import Pipeline
from identity.zoo.folder import ModelFolder

WHOLE = "whole"  # the detector that is no network


@dataclass(frozen=True, slots=True)
class Needs:
    """What a worker must have: the gallery's model and detector, and the space that they must give."""

    model: str
    detector: str
    space: str
    sha256s: tuple[str, ...]  # of the files of networks, in the home that enrolls

    @property
    def digest(self) -> str:
        """Names the folder in which a worker keeps networks that were sent."""
        return hashlib.sha256("\n".join(self.sha256s).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Parcel:
    """One network on its way to a worker."""

    manifest: ModelManifest
    content: bytes


Load = Callable[[ModelFolder, str, str], Pipeline]
_OPENED: dict[Needs, Pipeline] = {}
_LOCK = Lock()


def parcels(models: ModelFolder, needs: Needs) -> list[Parcel]:
    """The networks as they are installed here, digests checked."""
    installed = [models.get(name) for name in network_names(needs.model, needs.detector)]
    return [Parcel(one.manifest, one.path.read_bytes()) for one in installed]


def network_names(model: str, detector: str) -> list[str]:
    """The model and, where it is a network too, the detector."""
    return [model] if detector == WHOLE else [model, detector]


def opened(needs: Needs, folders: Sequence[ModelFolder], load: Load) -> Pipeline | None:
    """On a worker: the pipeline of that space, loaded once; None where no folder has its networks."""
    with _LOCK:
        for folder in () if needs in _OPENED else folders:
            pipeline = _loaded(needs, folder, load)
            if pipeline is not None and pipeline.space == needs.space:
                _OPENED[needs] = pipeline
                break
        return _OPENED.get(needs)


def _loaded(needs: Needs, folder: ModelFolder, load: Load) -> Pipeline | None:
    try:
        return load(folder, needs.model, needs.detector)
    except (NotFoundError, ModelError):
        return None


def kept(needs: Needs, sent: Sequence[Parcel], folder: ModelFolder) -> None:
    """On a worker: put what was sent into a folder, size and digest checked.

    Raises `ModelError` for bytes that are not those of their manifest, `WorkersError` for others than are needed.
    """
    if tuple(one.manifest.sha256 for one in sent) != needs.sha256s:
        raise WorkersError("other networks were sent than are needed: install the same version of identity everywhere")
    for one in sent:
        write = _writing(one.content)
        with folder.arriving(one.manifest, write):
            pass


def _writing(content: bytes) -> Callable[[Path], object]:
    return lambda target: target.write_bytes(content)


def require_space(needs: Needs, who: str, *, there: bool) -> None:
    """Raises `SpaceMismatchError` where the networks of this home do not give the gallery's space at a worker."""
    if not there:
        raise SpaceMismatchError(
            f"model '{needs.model}' gives vectors of another space than the gallery's at the worker {who}: put the "
            "version of the model back that made the gallery, and the same version of identity on every machine"
        )
