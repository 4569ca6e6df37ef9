"""A server as people start it, in a process of its own, and pictures to ask it about."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import numpy as np
from PIL import Image as Pillow

TOKEN = "a-token-for-the-tests-only"
ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)/\?token=([\w-]+)")
API = "/api/v1"


@dataclass
class Server:
    """The process, and where it answers."""

    process: subprocess.Popen[str]
    port: int

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self) -> httpx.Client:
        """Somebody who knows the token."""
        known = {"Authorization": f"Bearer {TOKEN}"}
        return httpx.Client(base_url=self.origin + API, headers=known, timeout=60, trust_env=False)


@contextmanager
def server(home: Path, *options: str, environ: dict[str, str] | None = None) -> Iterator[Server]:
    """`identity serve` over a home; ended by a signal, as Ctrl-C does."""
    command = [sys.executable, "-m", "identity", "--home", str(home), "serve", "--port", "0", "--token", TOKEN]
    env = {**os.environ, "OMP_NUM_THREADS": "1", "IDENTITY_OFFLINE": "1", **(environ or {})}
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True, env=env) as process:
        try:
            assert process.stdout is not None
            found = ADDRESS.search(process.stdout.readline())
            assert found is not None, "it said no address"
            yield Server(process, int(found[1]))
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(20)
            finally:
                process.kill()


def scans(folder: Path, *, of: tuple[int, ...] = (0, 1, 2, 3), each: int = 6) -> list[Path]:
    """Real scans of digits as dark ink on paper: `each` of every digit."""
    from sklearn.datasets import load_digits

    folder.mkdir(parents=True, exist_ok=True)
    known = load_digits()
    written = []
    for digit in of:
        for row in np.flatnonzero(known.target == digit)[:each].tolist():
            ink = Pillow.fromarray(np.round(known.images[row] * (255 / 16)).astype(np.uint8))
            paper = Pillow.new("L", (96, 96))
            paper.paste(ink.resize((72, 72), Pillow.Resampling.BICUBIC), (12, 12))
            written.append(folder / f"{digit}-{row:04}.png")
            Pillow.fromarray(255 - np.asarray(paper)).save(written[-1])
    return written


def upload(*paths: Path, field: str = "images") -> list[tuple[str, tuple[str, bytes, str]]]:
    """Files as a form sends them."""
    return [(field, (path.name, path.read_bytes(), "image/png")) for path in paths]
