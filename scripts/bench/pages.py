"""How quickly the page of people answers in a real browser, with as many faces as are wanted.

    python scripts/bench/pages.py --faces 100000 --people 2000 --json pages.json

A gallery of drawn faces (`drawn_faces`) is served by `identity serve`, and Chromium opens its page of people: once just
after the server's start, then again and again. "Faces seen" is from asking for the page until the first picture of
faces is drawn. Then the page is scrolled to its end and back, frame by frame; a frame is the time between two
`requestAnimationFrame`. Last, clusters of about 500 faces are named: from the key until the page says that it is done.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from playwright.sync_api import Page, sync_playwright
from reporting import arguments, report

import identity

TOKEN = "a-token-for-this-benchmark"
SEEN = "() => { const one = document.querySelector('.strip img'); return one && one.complete && one.naturalWidth > 0 }"
SCROLL = """async (steps) => {
  const frames = [];
  let last = performance.now(), on = true;
  const tick = (now) => { frames.push(now - last); last = now; if (on) requestAnimationFrame(tick) };
  requestAnimationFrame(tick);
  const heap = performance.memory.usedJSHeapSize, most = document.documentElement.scrollHeight;
  for (let at = 0; at <= 2 * steps; at++) {
    scrollTo(0, most * (1 - Math.abs(1 - at / steps)));
    await new Promise((done) => requestAnimationFrame(done));
  }
  on = false;
  frames.sort((a, b) => a - b);
  const p99 = frames[Math.floor(0.99 * frames.length)], after = performance.memory.usedJSHeapSize;
  return { most: frames.at(-1), p99, heap, after, nodes: document.querySelectorAll('*').length };
}"""


@contextmanager
def served(home: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "identity", "--home", str(home), "serve", "--port", "0", "--token", TOKEN]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().split()[3].split("/?")[0]
        finally:
            process.terminate()


@contextmanager
def browser() -> Iterator[Page]:
    path = next(found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name)))
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=path, args=["--no-sandbox", "--enable-precise-memory-info"])
        yield opened.new_page(viewport={"width": 1280, "height": 900}, bypass_csp=True)
        opened.close()


def seconds_until_faces(page: Page, address: str) -> float:
    begun = perf_counter()
    page.goto(address, wait_until="commit")
    page.wait_for_function(SEEN)
    return perf_counter() - begun


def seconds_to_name(page: Page, address: str, who: str) -> float:
    """One cluster, found by its number, gets a name."""
    page.goto(address)
    page.locator("#text").fill(who)
    field = page.locator(".row", has=page.get_by_text(who, exact=True)).locator(".naming").first
    field.fill(f"Somebody {who}")
    begun = perf_counter()
    field.press("Enter")
    page.locator("#said", has_text=f"Somebody {who}").wait_for()
    return perf_counter() - begun


def measured(home: Path, *, repeats: int, large: int) -> Iterator[dict[str, Any]]:
    with identity.open_gallery("faces", home=home) as gallery:
        groups = [one for one in gallery.clusters.groups() if one.identity is None]
    chosen = sorted(groups, key=lambda one: abs(len(one.samples) - large))[:repeats]
    with served(home) as origin, browser() as page:
        page.goto(f"{origin}/?token={TOKEN}")
        address = f"{origin}/galleries/faces/people"
        yield {"what": "faces seen, once the galleries' list was", "s": seconds_until_faces(page, address)}
        warm = [seconds_until_faces(page, address) for _ in range(repeats)]
        yield {"what": "faces seen, warm: median", "s": median(warm)}
        page.wait_for_load_state("networkidle")
        for steps in (60, 600):
            found = page.evaluate(SCROLL, steps)
            yield {"what": f"slowest frame, to the end and back in {2 * steps} steps", "s": found["most"] / 1000}
            yield {"what": "the same, 99th percentile", "s": found["p99"] / 1000}
        heap = f"{found['heap'] >> 20} MB before, {found['after'] >> 20} MB after"
        yield {"what": f"the scripts' heap {heap}; {found['nodes']} elements", "s": None}
        sizes = [len(one.samples) for one in chosen]
        took = [seconds_to_name(page, address, f"c{one.id}") for one in chosen]
        yield {"what": f"name a cluster of {min(sizes)} to {max(sizes)} faces: median", "s": median(took)}


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--faces", type=int, default=100_000)
    parser.add_argument("--people", type=int, default=2_000)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--home", type=Path, help="a home that `drawn_faces` made; else one is made")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = asked.home or Path(folder) / "home"
        if asked.home is None:
            size = ["--faces", str(asked.faces), "--people", str(asked.people), "--data", str(asked.data)]
            drawing = Path(__file__).parent / "drawn_faces.py"
            subprocess.run([sys.executable, str(drawing), str(home), *size], check=True)
        rows = list(measured(home, repeats=asked.repeats, large=500))
    report("pages", rows, file=asked.json, faces=asked.faces, people=asked.people)


if __name__ == "__main__":
    main()
