"""Loaded by the workers of these tests: writes down what is embedded, and dies of some files as if out of memory."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

from identity.workflows.elsewhere import describing, shards

LOG = Path(os.environ["IDENTITY_TEST_LOG"])
EACH_S = float(os.environ.get("IDENTITY_TEST_EACH_S", "0"))


def die_of(name: str, word: str) -> None:
    if word in name:
        os.kill(os.getpid(), signal.SIGKILL)


def dask_setup(_worker: Any) -> None:
    read_file, wanted_samples, kept = shards.read_file, describing.wanted_samples, describing.keep

    def read(file: Any, limits: Any) -> Any:
        die_of(file.path.name, "deadly-file")
        return read_file(file, limits)

    def described(images: Any, pipeline: Any, policy: Any) -> Any:
        with LOG.open("a") as log:
            for image in images:
                die_of(Path(image.path).name, "deadly-face")
                time.sleep(EACH_S)
            log.write("".join(f"embedded {image.path}\n" for image in images))
        return wanted_samples(images, pipeline, policy)

    def keep(*given: Any) -> Any:
        with LOG.open("a") as log:
            log.write(f"sent {os.environ['IDENTITY_HOME']}\n")
        return kept(*given)

    shards.read_file, describing.wanted_samples, describing.keep = read, described, keep
