"""Downloads MNIST, the four files as their authors published them, from whichever mirror answers.

LeCun, Cortes, Burges: "The MNIST database of handwritten digits", 1998.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from identity.core.errors import IdentityError, ModelError, UsageError
from identity.zoo.digest import check_file
from identity.zoo.fetch import Progress, fetch

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist",
    "https://storage.googleapis.com/cvdf-datasets/mnist",
    "https://github.com/fgnt/mnist/raw/master",
    "http://yann.lecun.com/exdb/mnist",
)


@dataclass(frozen=True, slots=True)
class Published:
    """A file with the digest and size under which it is known."""

    file: str
    sha256: str
    size_bytes: int


TRAIN_IMAGES = "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"
TRAIN_LABELS = "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"
TEST_IMAGES = "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"
TEST_LABELS = "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"
FILES = (
    Published("train-images-idx3-ubyte.gz", TRAIN_IMAGES, 9_912_422),
    Published("train-labels-idx1-ubyte.gz", TRAIN_LABELS, 28_881),
    Published("t10k-images-idx3-ubyte.gz", TEST_IMAGES, 1_648_877),
    Published("t10k-labels-idx1-ubyte.gz", TEST_LABELS, 4_542),
)


def download_mnist(
    folder: Path,
    *,
    progress: Progress | None = None,
    offline: bool = False,
    mirrors: Sequence[str] = MIRRORS,
    files: Sequence[Published] = FILES,
) -> dict[str, Path]:
    """Paths of the four files by name, fetched where they are not in `folder` yet.

    A file counts only with the published size and digest; an interrupted download is begun anew. Raises `UsageError`
    where one is missing and `offline` is set, `ModelError` where no mirror has the right file.
    """
    return {one.file: _local_copy(folder, one, progress=progress, offline=offline, mirrors=mirrors) for one in files}


def _local_copy(
    folder: Path, published: Published, *, progress: Progress | None, offline: bool, mirrors: Sequence[str]
) -> Path:
    target = folder / published.file
    if _is_right(target, published):
        return target
    if offline:
        raise UsageError(f"offline, {target} cannot be downloaded: copy the published file there")
    failures = []
    for mirror in mirrors:
        try:
            _download(f"{mirror}/{published.file}", target, published, progress=progress)
        except IdentityError as error:
            failures.append(str(error))
        else:
            return target
    last = failures[-1] if failures else "there is no mirror"
    raise ModelError(f"cannot download {published.file} ({last}): try again, or copy the published file to {target}")


def _download(address: str, target: Path, published: Published, *, progress: Progress | None) -> None:
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        fetch(address, temporary, progress=progress)
        check_file(temporary, sha256=published.sha256, size_bytes=published.size_bytes, cure="try another mirror")
        temporary.replace(target)
    except OSError as error:
        raise ModelError(
            f"cannot write {target} ({error.strerror}): check the permissions and the free space"
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def _is_right(path: Path, published: Published) -> bool:
    if not path.is_file():
        return False
    try:
        check_file(path, sha256=published.sha256, size_bytes=published.size_bytes, cure="")
    except ModelError:
        return False
    return True
