"""The demo's pictures: real scans of handwritten digits that come with scikit-learn, letters from matplotlib's fonts.

Scans: Alpaydin & Kaynak, "Optical Recognition of Handwritten Digits", UCI, 1998: 1,797 of them, 43 writers, 8x8.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

FILE_PX = 96
FONT_PX = 64
PER_DIGIT = 120  # scans of each digit that are enrolled; the rest are probes
SEED = 0  # scans lie in the order of their writers: drawn at random, probes are exchangeable with calibration scans
FONTS = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSerif.ttf", "DejaVuSansMono.ttf", "DejaVuSerif-Italic.ttf")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class DemoImages:
    """Folders of pictures, the sub-folder's name being the label, and two pictures to ask about."""

    enroll: Path
    probes: Path
    letters: Path
    seven: Path
    letter: Path


def write(folder: Path) -> DemoImages:
    """Write all pictures as ink on paper; the same bytes every time."""
    made = DemoImages(
        folder / "enroll", folder / "probes", folder / "letters", folder / "seven.png", folder / "letter-A.png"
    )
    _write_scans(made)
    _write_letters(made)
    return made


def _write_scans(made: DemoImages) -> None:
    from sklearn.datasets import load_digits

    scans = load_digits()
    seen = dict.fromkeys(range(10), 0)
    for row in np.random.default_rng(SEED).permutation(len(scans.images)).tolist():
        scan, digit = scans.images[row], int(scans.target[row])
        seen[digit] += 1
        enrolled = seen[digit] <= PER_DIGIT
        picture = _on_paper(scan)
        _save(picture, (made.enroll if enrolled else made.probes) / str(digit) / f"scan-{row:04}.png")
        if digit == 7 and seen[digit] == PER_DIGIT + 1:
            _save(picture, made.seven)


def _on_paper(scan: np.ndarray) -> Pillow.Image:
    """A scan of 8x8 cells with 0..16 inked pixels each, as dark ink on white paper."""
    ink = Pillow.fromarray(np.round(scan * (255 / 16)).astype(np.uint8))
    side = FILE_PX * 3 // 4
    paper = Pillow.new("L", (FILE_PX, FILE_PX))
    paper.paste(ink.resize((side, side), Pillow.Resampling.BICUBIC), ((FILE_PX - side) // 2,) * 2)
    return Pillow.fromarray(255 - np.asarray(paper))


def _write_letters(made: DemoImages) -> None:
    import matplotlib

    fonts = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    for name in FONTS:
        font = ImageFont.truetype(str(fonts / name), FONT_PX)
        for letter in LETTERS:
            picture = Pillow.new("L", (FILE_PX, FILE_PX), 255)
            ImageDraw.Draw(picture).text((FILE_PX / 2, FILE_PX / 2), letter, fill=0, font=font, anchor="mm")
            _save(picture, made.letters / letter / f"{Path(name).stem}.png")
            if letter == "A" and name == FONTS[0]:
                _save(picture, made.letter)


def _save(picture: Pillow.Image, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path)
