"""The process in which the fuzzer's files are read: `[reader, path]` in, what became of it out, a line of JSON each."""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
from identity.core.errors import IdentityError
from identity.embedders.onnx import open_session
from identity.embedders.onnx_parts import require_one_file
from identity.embedders.vggface_weights import look
from identity.imaging import apart
from identity.imaging.sources import read_sources
from identity.store.packed import read_packed
from identity.workflows.cluster.truth import _told
from identity.workflows.evaluate.people import read_groups
from identity.zoo import manifest, pull


def read_images(path: Path) -> None:
    for image in read_sources([path]):
        if image.error is not None:
            raise IdentityError(image.error)


def read_gallery(path: Path) -> None:
    list(read_packed(path).samples())


def read_network(path: Path) -> None:
    require_one_file(path)
    open_session(path)


def read_truth(path: Path) -> None:
    list(_told(path))


def read_archive(path: Path) -> None:
    pull._extract(path, "model.onnx", path.with_name("unpacked"))


READERS: dict[str, Callable[[Path], object]] = {
    "image": read_images, "idx": read_images, "packed": read_gallery, "manifest": manifest.read,
    "archive": read_archive, "onnx": read_network, "groups": read_groups, "truth": read_truth,
    "weights": lambda path: look({"path": str(path)}),
}  # fmt: skip


def outcome_of(reader: str, path: Path) -> str:
    try:
        READERS[reader](path)
    except IdentityError as error:
        text = str(error)
        return "refused" if text and "\n" not in text and len(text) < 1000 else f"said {text[:300]!r}"
    except Exception as error:  # noqa: BLE001 (what nobody foresaw is what is looked for)
        where = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__} in {Path(where.filename).name}:{where.lineno}: {str(error)[:200]}"
    return "read"


def peak_mb(pids: list[int]) -> float:
    return sum(_status(pid, "VmHWM") for pid in pids) / 1024


def _status(pid: int, key: str) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(key)), 0)


def processes() -> list[int]:
    return [os.getpid(), *(one.pid for one in apart._RUNNING)]


def main() -> None:
    out = os.fdopen(os.dup(1), "w")  # what libraries print goes to stderr
    os.dup2(2, 1)
    print("ready", file=out, flush=True)
    for line in sys.stdin:
        reader, path = json.loads(line)
        for pid in processes():
            try:
                Path(f"/proc/{pid}/clear_refs").write_text("5")
            except OSError:
                continue
        idle, begun = peak_mb(processes()), time.monotonic()
        outcome = outcome_of(reader, Path(path))
        took = time.monotonic() - begun
        print(json.dumps({"outcome": outcome, "s": took, "mb": peak_mb(processes()) - idle}), file=out, flush=True)


if __name__ == "__main__":
    main()
