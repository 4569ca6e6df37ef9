"""A place for downloads that are not checked yet: beside the models, never among them."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from identity.core.durable import make_folder
from identity.core.errors import ModelError

STAGING = ".pull-"
ABANDONED_S = 24 * 3600  # a staging folder this old belongs to a pull that was killed


@contextmanager
def staging_folder(home: Path) -> Iterator[Path]:
    """A temporary folder in `home`, gone when the block ends however it ends; a kill -9's is swept a day later."""
    try:
        make_folder(home)
        _sweep(home)
        staging = Path(tempfile.mkdtemp(prefix=STAGING, dir=home))
    except OSError as error:
        raise ModelError(
            f"cannot write models in {home} ({error.strerror}): check the permissions and the free space"
        ) from error
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _sweep(home: Path) -> None:
    for left in home.glob(f"{STAGING}*"):
        if time.time() - left.stat().st_mtime > ABANDONED_S:
            shutil.rmtree(left, ignore_errors=True)
