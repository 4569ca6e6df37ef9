"""Work in forked processes, so that the one that forks has never opened a database, a network or an index."""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from importlib import import_module
from typing import Any

MOST_S = 120
WARM = (
    "faiss", "onnxruntime", "alembic.command", "scipy.special", "PIL.Image", "identity.gallery", "identity.models",
    "identity.store.sqlite.database", "identity.workflows.cluster.plan", "identity.workflows.doctor",
    "identity.indexes.snapshot_folder", "identity.workflows.enroll", "identity.workflows.calibrate",
)  # fmt: skip
REST = (  # what is left to import for one who opens a home and asks it: a fifth of a second of every fork
    "alembic.config", "filelock", "sqlalchemy.dialects.sqlite", "PIL.BmpImagePlugin", "PIL.GifImagePlugin",
    "PIL.JpegImagePlugin", "PIL.PngImagePlugin", "PIL.PpmImagePlugin", "identity.detectors.whole",
    "identity.embedders.onnx", "identity.home", "identity.imaging.blobs", "identity.imaging.digits",
    "identity.imaging.five_point", "identity.indexes.checking", "identity.store.integrity", "identity.store.opening",
    "identity.store.reembedding_tables", "identity.zoo.folder",
)  # fmt: skip


def warm_up(*more: str) -> None:
    """Import what forks need, and open nothing."""
    for name in (*WARM, *more):
        import_module(name)


def answer_of(work: Callable[[], list[str]]) -> list[str]:
    """What `work` returns in a process of its own; a traceback is an answer as well."""
    there, here = os.pipe()
    child = os.fork()
    if not child:
        os.close(there)
        signal.alarm(MOST_S)  # what hangs is wrong as well
        try:
            said = work()
        except BaseException:  # noqa: BLE001 (all of it is told)
            said = [traceback.format_exc()]
        with os.fdopen(here, "w") as file:
            json.dump(said, file)
        os._exit(0)
    os.close(here)
    with os.fdopen(there) as file:
        text = file.read()
    _, status = os.waitpid(child, 0)
    return json.loads(text) if text else [f"the check itself ended with status {status}"]


def forked(work: Callable[[], Any]) -> None:
    """Run `work` in a process of its own. Raises where it failed."""
    if said := answer_of(lambda: work() or []):
        sys.exit("\n".join(said))
