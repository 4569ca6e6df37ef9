"""The only composition root: settings in, working objects out. Every heavy import happens inside its functions."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

from identity.core.errors import NotFoundError, UsageError
from identity.settings import Settings, from_environment

if TYPE_CHECKING:
    from identity.core.model import ModelManifest
    from identity.core.ports import Aligner, Detector
    from identity.core.types import Gallery, SourceImage
    from identity.store.database import Database
    from identity.store.galleries import Counts
    from identity.workflows.describe import Pipeline
    from identity.workflows.opened import Images, OpenGallery
    from identity.zoo.folder import ModelFolder

DEFAULT_GALLERY = "digits"
SHIPPED = Path(__file__).parents[1] / "shipped"  # model and gallery that come with the package


@dataclass(frozen=True, slots=True)
class Home:
    """An opened home: its galleries and models. Made by `identity.open_home`."""

    settings: Settings
    database: Database
    models: ModelFolder

    def __enter__(self) -> Self:
        """The home itself; leaving the block closes it."""
        return self

    def __exit__(self, *_raised: object) -> None:
        """Close the database."""
        self.database.close()

    def galleries(self) -> list[tuple[Gallery, Counts]]:
        """All galleries with what they hold."""
        from identity.store.galleries import Galleries

        galleries = Galleries(self.database)
        return [(gallery, galleries.counts(gallery)) for gallery in galleries.list()]

    def create_gallery(self, name: str, *, model: str = "digits", detector: str | None = None) -> Gallery:
        """Make an empty gallery whose space is that of `model` behind `detector`."""
        from identity.store.galleries import Galleries

        chosen = detector or ("yunet" if self.models.get(model).manifest.kind == "face" else "whole")
        pipeline = load_pipeline(self.models, model=model, detector=chosen)
        dim = pipeline.embedder.dim
        return Galleries(self.database).create(name, model=model, detector=chosen, space=pipeline.space, dim=dim)

    def delete_gallery(self, name: str) -> int:
        """Delete a gallery with all its samples, vectors, crops and index files; how many samples it had."""
        from identity.indexes.snapshot import SnapshotFolder
        from identity.store.galleries import Galleries

        galleries = Galleries(self.database)
        gallery = galleries.get(name)
        removed = galleries.delete(name)
        SnapshotFolder(self.settings.snapshots).sweep(gallery, keep=None)
        return removed

    def open_gallery(self, name: str = DEFAULT_GALLERY) -> OpenGallery:
        """A gallery, ready for its verbs; closing it leaves the home open."""
        from identity.store.galleries import Galleries

        return self._opened(Galleries(self.database).get(name), on_close=lambda: None)

    def _opened(self, gallery: Gallery, *, on_close: Callable[[], None]) -> OpenGallery:
        from identity.imaging.crops import encode
        from identity.indexes.snapshot import SnapshotFolder
        from identity.store.samples import SampleStore
        from identity.wiring.crew import load_crew
        from identity.workflows.opened import OpenGallery

        return OpenGallery(
            store=SampleStore(self.database, gallery),
            snapshots=SnapshotFolder(self.settings.snapshots),
            load_pipeline=partial(load_pipeline, self.models, model=gallery.model, detector=gallery.detector),
            read=read_images,
            encode_crop=encode,
            on_close=on_close,
            model=partial(self.models.facts, gallery.model),
            load_crew=partial(load_crew, self.models, gallery),
        )


def open_home(*, home: Path | None = None, database: str | None = None) -> Home:
    """Open a home, creating it with the shipped gallery `digits` the first time.

    Raises `StoreError` where the home cannot be written or its database is newer than the program.
    """
    from identity.indexes.snapshot import SnapshotFolder
    from identity.store.database import Database
    from identity.store.shipped import install

    settings = from_environment(home=home, database=database)
    opened = Database.open(settings.database, command=_command())
    for packed in sorted((SHIPPED / "galleries").glob("*.npz")):
        if older := install(opened, packed):
            SnapshotFolder(settings.snapshots).sweep(older, keep=None)
    return Home(settings, opened, model_folder(settings))


def open_gallery(name: str = DEFAULT_GALLERY, *, home: Path | None = None, database: str | None = None) -> OpenGallery:
    """Open one gallery; use it in a `with` block, which closes it.

    Raises `NotFoundError` where there is no gallery of this name.
    """
    from identity.store.galleries import Galleries

    opened = open_home(home=home, database=database)
    return opened._opened(Galleries(opened.database).get(name), on_close=opened.database.close)


def model_folder(settings: Settings) -> ModelFolder:
    """Installed models, and those that ship inside the package."""
    from identity.zoo.folder import ModelFolder

    return ModelFolder(settings.models, SHIPPED / "models")


def training_curve(models: ModelFolder, name: str) -> list[tuple[int, float]]:
    """Step and loss of a model's training. Raises `NotFoundError` for a model that was not trained here."""
    training = models.get(name).manifest.training
    curve = training.get("curve") if training else None
    if not isinstance(curve, list):
        raise NotFoundError(f"model '{name}' has no training curve: it was not trained by 'identity train'")
    return [(int(step), float(loss)) for step, loss in curve]


def load_pipeline(models: ModelFolder, *, model: str, detector: str, threads: int | None = None) -> Pipeline:
    """The three steps from image to vector. Raises `NotFoundError` for a model or detector that is not installed."""
    from identity.embedders.onnx import OnnxEmbedder
    from identity.indexes.flat import tune_faiss
    from identity.workflows.describe import Pipeline

    installed = models.get(model)
    embedder = OnnxEmbedder(installed.path, installed.manifest, threads=threads)
    tune_faiss(embedder.dim)
    return Pipeline(_detector(models, detector, threads), _aligner(installed.manifest), embedder)


def _detector(models: ModelFolder, name: str, threads: int | None) -> Detector:
    match name:
        case "whole":
            from identity.detectors.whole import WholeDetector

            return WholeDetector()
        case "yunet":
            from identity.detectors.yunet import YuNetDetector

            return YuNetDetector(models.get("yunet").path, threads=threads)
        case _:
            raise NotFoundError(f"there is no detector '{name}': choose 'whole' or 'yunet'")


def _aligner(manifest: ModelManifest) -> Aligner:
    match manifest.alignment:
        case "mnist-28/1":
            from identity.imaging.digits import DigitAligner

            return DigitAligner()
        case "five-point/1":
            from identity.imaging.five_point import FivePointAligner

            return FivePointAligner(manifest.template, manifest.input.size_px)
        case "whole/1" | "loose/1" as method:
            from identity.imaging.five_point import LooseAligner, WholeAligner

            return (WholeAligner if method == "whole/1" else LooseAligner)(manifest.input.size_px)
        case other:
            raise UsageError(f"model '{manifest.name}' wants alignment '{other}', which this version does not know")


def read_images(images: Images) -> Iterator[SourceImage]:
    """Paths (files, folders, IDX) or pictures in memory (arrays, Pillow images), decoded one after the other."""
    from identity.imaging.sources import read_sources, sources_of_arrays

    given = list(images)
    paths = [Path(one) for one in given if isinstance(one, (str, Path))]
    if paths and len(paths) != len(given):
        raise UsageError("paths and pictures in memory cannot be mixed: ask for them one after the other")
    return read_sources(paths) if paths else sources_of_arrays(given)


def count_images(paths: Sequence[Path]) -> int:
    """How many images the sources hold, as a progress bar wants to know."""
    from identity.imaging.sources import count_sources

    return count_sources(paths)


def _command() -> str:
    return " ".join(["identity", *sys.argv[1:2]])
