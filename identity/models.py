"""The networks of a home: installed ones, those of the catalogue, and the ones that are trained here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from identity.core.domain import domain_of
from identity.core.errors import NotFoundError, UsageError
from identity.core.watching import nobody
from identity.settings import Settings

if TYPE_CHECKING:
    from identity.core.watching import OnFailure, Progress
    from identity.workflows.describe import Pipeline
    from identity.workflows.measure import Measurement
    from identity.zoo.folder import InstalledModel, ModelFolder
    from identity.zoo.release import Entry

BytesProgress = Callable[[int, int], None]  # bytes that are here, bytes in all
StepProgress = Callable[[int, int, float], None]  # steps done, steps in all, loss


@dataclass(frozen=True, slots=True)
class Models:
    """The models of one home. Made by `identity.open_models`."""

    folder: ModelFolder
    settings: Settings
    load_pipeline: Callable[[str, str], tuple[Pipeline, int]]  # of a model and a detector, for so many threads

    def list(self) -> Sequence[InstalledModel]:
        """Every installed model by name, digests unchecked. Raises `ModelError` where a manifest is damaged."""
        return self.folder.list()

    def catalogue(self) -> Sequence[Entry]:
        """Every file that the catalogue knows."""
        from identity.zoo.catalogue import ENTRIES

        return ENTRIES

    def get(self, name: str) -> InstalledModel:
        """An installed model, its digest checked. Raises `NotFoundError`, `ModelError`."""
        return self.folder.get(name)

    def pull(
        self,
        name: str,
        *,
        accept_licence: bool = False,
        offline: bool = False,
        progress: BytesProgress | None = None,
    ) -> InstalledModel:
        """Install a model of the catalogue from its release, or from the mirror that the settings name."""
        from identity.workflows.convert_vggface import converter
        from identity.zoo.pull import pull

        return pull(
            name,
            folder=self.folder,
            accept_licence=accept_licence,
            offline=offline or self.settings.offline,
            mirror=self.settings.mirror,
            progress=progress,
            convert=converter(),
        )

    def add(
        self,
        path: str | Path,
        *,
        manifest: str | Path | None = None,
        name: str | None = None,
        accept_licence: bool = False,
    ) -> InstalledModel:
        """Install a model from a file or folder; `vgg_face_weights.h5` is converted first.

        A network that the catalogue does not know is loaded and run once in a process of its own. Raises `ModelError`
        where that takes too long or too much memory.
        """
        from identity.embedders.onnx_probe import require_bearable
        from identity.workflows.convert_vggface import converter
        from identity.zoo.adding import add

        return add(
            Path(path),
            folder=self.folder,
            manifest=None if manifest is None else Path(manifest),
            name=name,
            accept_licence=accept_licence,
            convert=converter(),
            check=require_bearable,
        )

    def remove(self, name: str) -> None:
        """Delete an installed model. Raises `UsageError` for one that ships with the package."""
        self.folder.remove(name)

    def measure(
        self,
        name: str,
        photographs: str | Path | None = None,
        *,
        detector: str | None = None,
        offline: bool = False,
        even_if_fewer: bool = False,
        on_bytes: BytesProgress | None = None,
        on_progress: Progress = nobody,
        on_failure: OnFailure = nobody,
    ) -> Measurement:
        """Give an installed face network reference points from photographs, one person in each sub-folder.

        None is Labeled Faces in the Wild, fetched where it is not here. The points go into the model's manifest,
        unless those there reach lower rates: then only `even_if_fewer`, and else the result is `superfluous`.
        Raises `UsageError` for a network that is none of faces, and where pairs of different people are too few.
        """
        from identity.gallery.images import images_of
        from identity.workflows.measure import measure
        from identity.zoo.lfw import lfw_folder

        installed = self.folder.get(name).manifest
        domain = domain_of(installed)
        if not domain.decides_by_pairs:
            raise UsageError(f"model '{name}' is no network of faces: measure one that is")
        pipeline, workers = self.load_pipeline(name, detector or domain.detector)
        mirror, offline = self.settings.mirror, offline or self.settings.offline
        folder = lfw_folder(mirror=mirror, offline=offline, progress=on_bytes) if photographs is None else photographs
        made = measure(
            images_of(folder, limits=self.settings.limits),
            pipeline=pipeline, workers=workers, detector=detector or domain.detector,
            source=Path(folder).resolve().name, on_progress=on_progress, on_failure=on_failure,
        )  # fmt: skip
        if not even_if_fewer and made.reaches_less_than(installed.operating_points):
            return replace(made, superfluous=True)
        self.folder.keep_points(name, made.operating_points)
        return made

    def train_digits(
        self,
        *,
        data: str = "mnist",
        recipe: str = "triplet",
        epochs: int | None = None,
        seed: int = 0,
        name: str = "digits-own",
        folder: str | Path | None = None,
        on_step: StepProgress,
    ) -> Path:
        """Train the digit network; the model folder written. Raises `TrainingError` without the extra `train`."""
        from identity.workflows.train import train_digits

        return train_digits(
            self.settings,
            data=data,
            recipe=recipe,
            epochs=epochs,
            seed=seed,
            name=name,
            folder=None if folder is None else Path(folder),
            on_step=on_step,
        )

    def training_curve(self, name: str) -> Sequence[tuple[int, float]]:
        """Step and loss of a model's training. Raises `NotFoundError` for a model that was not trained here."""
        training = self.folder.get(name).manifest.training
        curve = training.get("curve") if training else None
        if not isinstance(curve, list):
            raise NotFoundError(f"model '{name}' has no training curve: it was not trained by 'identity train'")
        return [(int(step), float(loss)) for step, loss in curve]

    def plot_loss(self, names: Sequence[str], path: str | Path) -> None:
        """Draw the loss over the steps of some models' trainings."""
        from identity.plots.loss import draw

        draw({name: self.training_curve(name) for name in names}, path=Path(path))
