"""The models that are installed: one folder each, with the model file and its manifest; home first, then shipped."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from identity.core.errors import ModelError, NotFoundError, UsageError
from identity.core.model import Recommendation
from identity.zoo import manifest as manifests
from identity.zoo.catalogue import manifest_of_digest
from identity.zoo.digest import check_file, sha256_of
from identity.zoo.installing import clean_up, discard, new_folder
from identity.zoo.manifest import MANIFEST, NAME, ModelManifest, OperatingPoint

Check = Callable[[Path, ModelManifest], None]  # raises `ModelError` for a file that must not be installed


def unchecked(_file: Path, _manifest: ModelManifest) -> None:
    """For files of which the catalogue, or whoever made them, says what they are."""


@dataclass(frozen=True, slots=True)
class InstalledModel:
    """A model's manifest and the file it speaks of; `shipped` where it came inside the package."""

    manifest: ModelManifest
    path: Path
    shipped: bool = False


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """Installed models: `home/NAME/` first, then `shipped/NAME/`, which is never written."""

    home: Path
    shipped: Path

    def list(self) -> list[InstalledModel]:
        """Every installed model by name, digests unchecked. Raises `ModelError` where a manifest is damaged."""
        clean_up(self.home)
        found: dict[str, InstalledModel] = {}
        for place in (self.shipped, self.home):
            for file in sorted(place.glob(f"*/{MANIFEST}")):
                if NAME.fullmatch(file.parent.name):
                    found[file.parent.name] = self._read(file.parent)
        return [found[name] for name in sorted(found)]

    def get(self, name: str) -> InstalledModel:
        """The model, its size and digest checked.

        Raises `NotFoundError` where it is not installed, `ModelError` where its file is not what the manifest says.
        """
        installed = self._read(self._folder(name))
        self._check(installed)
        return installed

    def facts(self, name: str) -> ModelManifest | None:
        """What the manifest says, the file unread; None where the model is not installed."""
        try:
            return self._read(self._folder(name)).manifest
        except NotFoundError:
            return None

    def add(
        self, path: Path, *, manifest: Path | None = None, name: str | None = None, check: Check = unchecked
    ) -> InstalledModel:
        """Install a copy of a model file, or of a model folder with its manifest, under its own name or `name`.

        A file needs a manifest unless the catalogue knows its digest. Raises `UsageError` where nothing describes
        the file or the name cannot be used, `NotFoundError` where there is no such file, `ModelError` where the
        manifest and the file disagree, and what `check` raises.
        """
        file, described = _file_and_manifest(path, manifest)
        wanted = replace(described, name=name or described.name)
        _check_name(wanted.name)
        return self.install(file, wanted, check=check)

    def install(self, file: Path, described: ModelManifest, *, check: Check = unchecked) -> InstalledModel:
        """Copy `file` beside its manifest into home, whole or not at all, in place of a model of the same name.

        It is on the disk on return. Raises `UsageError` where a link or a file stands in its place.
        """
        with self.arriving(described, lambda target: shutil.copyfile(file, target), check=check):
            pass
        return self._read(self.home / described.name)

    @contextmanager
    def arriving(
        self, described: ModelManifest, copy_to: Callable[[Path], object], *, check: Check = unchecked
    ) -> Iterator[None]:
        """A model that is complete beside its place, and takes it when the block ends well.

        `check` sees the copy of a file that the catalogue does not know.
        """
        with new_folder(self.home, described.name) as staging:
            target = staging / described.file
            copy_to(target)
            cure = "give the manifest that belongs to this file"
            check_file(target, sha256=described.sha256, size_bytes=described.bytes, cure=cure)
            if manifest_of_digest(described.sha256, size_bytes=described.bytes) is None:
                check(target, described)
            (staging / MANIFEST).write_text(manifests.dump(described), encoding="utf-8")
            yield

    def keep_points(self, name: str, points: tuple[OperatingPoint, ...]) -> InstalledModel:
        """Write other operating points into a model's manifest, whole or not at all; its vectors stay what they are."""
        installed = self.get(name)
        return self.install(installed.path, replace(installed.manifest, operating_points=points))

    def remove(self, name: str) -> None:
        """Delete an installed model. Raises `UsageError` for one that ships with the package."""
        folder = self._folder(name)
        if folder.parent != self.home:
            raise UsageError(f"model '{name}' ships with the program: only models that you installed can be removed")
        discard(folder)

    def _folder(self, name: str) -> Path:
        if not NAME.fullmatch(name):
            raise NotFoundError(f"there is no model '{name}': see 'identity models list'")
        if not (self.home / name).exists():
            clean_up(self.home)  # it may be there under the name that it was to step aside to
        for place in (self.home, self.shipped):
            if (place / name / MANIFEST).is_file():
                return place / name
        cure = f"run 'identity models pull {name}', or see 'identity models list'"
        raise NotFoundError(f"model '{name}' is not installed: {cure}")

    def _read(self, folder: Path) -> InstalledModel:
        described = manifests.read(folder / MANIFEST)
        if described.name != folder.name:
            raise ModelError(
                f"{folder / MANIFEST}: 'name' is '{described.name}', but the folder is called '{folder.name}': "
                "rename the folder"
            )
        described = replace(described, operating_points=_with_origin(described), recommended=_recommended(described))
        return InstalledModel(described, folder / described.file, folder.parent == self.shipped)

    def _check(self, installed: InstalledModel) -> None:
        name = installed.manifest.name
        cure = "reinstall the program" if installed.shipped else f"run 'identity models remove {name}' and add it again"
        check_file(installed.path, sha256=installed.manifest.sha256, size_bytes=installed.manifest.bytes, cure=cure)


def _with_origin(described: ModelManifest) -> tuple[OperatingPoint, ...]:
    """The operating points; a manifest that older versions wrote does not say who measured, the catalogue does."""
    points = described.operating_points
    known = manifest_of_digest(described.sha256, size_bytes=described.bytes) if points else None
    if known is None or any(point.measured_by for point in points):
        return points
    by_value = {(point.fmr, point.distance): point for point in known.operating_points}
    return tuple(by_value.get((point.fmr, point.distance), point) for point in points)


def _recommended(described: ModelManifest) -> Recommendation | None:
    """What the publisher recommends; a manifest that older versions wrote does not say, the catalogue does."""
    known = manifest_of_digest(described.sha256, size_bytes=described.bytes)
    return described.recommended or (None if known is None else known.recommended)


def _file_and_manifest(path: Path, manifest: Path | None) -> tuple[Path, ModelManifest]:
    if path.is_dir():
        described = manifests.read(manifest or path / MANIFEST)
        return path / described.file, described
    if not path.is_file():
        raise NotFoundError(f"there is no model file {path}: check the path")
    if manifest is not None:
        return path, manifests.read(manifest)
    known = manifest_of_digest(sha256_of(path), size_bytes=path.stat().st_size)
    if known is None:
        raise UsageError(f"the catalogue does not know {path}: give its manifest with --manifest FILE.json")
    return path, known


def _check_name(name: str) -> None:
    if not NAME.fullmatch(name):
        raise UsageError(f"'{name}' cannot name a model: use lower-case letters, digits, '.', '_' and '-'")
