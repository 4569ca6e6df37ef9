"""Networks are run without a trace outside of the home of `identity`: no id of the machine, nothing that is sent."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import sys
from pathlib import Path
import identity
from identity.embedders.onnx import open_session
from identity import bootstrap
open_session(next(Path(bootstrap.SHIPPED / "models").rglob("*.onnx")))
"""


def test_a_session_leaves_nothing_in_the_user_s_folders(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    folders = {name: str(tmp_path) for name in ("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")}
    subprocess.run([sys.executable, "-c", PROGRAM], check=True, env={**kept, **folders})
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
