"""What `pip install` of the package brings without any extra, in bytes: this checkout against another revision of it.

    python scripts/bench/installed.py --against 01186a4

Each is installed, not editable, into a virtual environment of its own, under this checkout's constraints; the bytes are
those of the files in its site-packages, pip and compiled modules left out.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from cold import ROOT, check_out
from reporting import arguments, report

OWN = "identity"
_LEFT_OUT = ("pip", "__pycache__")


def sizes(root: Path, folder: Path) -> dict[str, int]:
    """Bytes of each entry of site-packages after the checkout at `root` was installed."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--no-compile", "-c", str(ROOT / "constraints.txt"), str(root)], check=True)
    (site,) = folder.glob("lib/python*/site-packages")
    return {
        entry.name: sum(file.lstat().st_size for file in [entry, *entry.rglob("*")] if file.is_file())
        for entry in site.iterdir()
        if not entry.name.startswith(_LEFT_OUT)
    }


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--against", metavar="REVISION", required=True)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours = sizes(ROOT, folder / "ours")
        theirs = sizes(check_out(asked.against, folder / "other"), folder / "base")
    rows = [
        {
            "what": what, "bytes": sum(ours[entry] for entry in ours if keep(entry)),
            f"at {asked.against}": sum(theirs[entry] for entry in theirs if keep(entry)),
        }
        for what, keep in (
            ("what it depends on", lambda entry: not entry.startswith(OWN)),
            ("its own files", lambda entry: entry.startswith(OWN)),
        )
    ]  # fmt: skip
    report("installed", rows, file=asked.json)


if __name__ == "__main__":
    main()
