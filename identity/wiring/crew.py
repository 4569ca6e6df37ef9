"""The pipeline of an enrolment: several threads describe batches at once, each network run on one core.

Measured on 2 cores with face-reid-0095: two threads with a session of one thread each need 1.75 s of processor time
for 96 faces, one session over both cores 2.0 s, and 3.0 s where its threads spin while they wait.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from identity.wiring import load_pipeline

if TYPE_CHECKING:
    from identity.core.types import Gallery
    from identity.workflows.describe import Pipeline
    from identity.zoo.folder import ModelFolder

MOST_WORKERS = 4  # each holds a batch of decoded images in memory


def load_crew(models: ModelFolder, gallery: Gallery) -> tuple[Pipeline, int]:
    """A pipeline that this many threads may use at once. Raises as `load_pipeline` does."""
    cores = os.process_cpu_count() if hasattr(os, "process_cpu_count") else os.cpu_count()
    workers = max(1, min(MOST_WORKERS, cores or 1))
    threads = max(1, (cores or 1) // workers)
    return load_pipeline(models, model=gallery.model, detector=gallery.detector, threads=threads), workers
