"""Draws the pictures of the pages that docs/pages.md shows, of faces that nobody has: needs Chromium.

    python scripts/bench/page_pictures.py docs/
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from pages import TOKEN, browser, served
from PIL import Image

COLOURS = 192  # enough for drawings


def main() -> None:
    out = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        sizes = ["--faces", "400", "--people", "24", "--named", "6"]
        subprocess.run([sys.executable, str(Path(__file__).parent / "drawn_faces.py"), str(home), *sizes], check=True)
        with served(home) as origin, browser() as page:
            page.set_viewport_size({"width": 1180, "height": 720})
            page.goto(f"{origin}/?token={TOKEN}")
            for path, name in (("people", "page-people.png"), ("person?who=c1", "page-person.png")):
                page.goto(f"{origin}/galleries/faces/{path}")
                page.wait_for_load_state("networkidle")
                page.wait_for_timeout(500)
                page.screenshot(path=out / name)
                Image.open(out / name).convert("RGB").quantize(COLOURS).save(out / name, optimize=True)


if __name__ == "__main__":
    main()
