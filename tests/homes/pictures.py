"""Pictures that nobody took: numerals, letters and colour patterns, each drawn from a seed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

SIDE_PX = 32
Drawn = Image.Image


def numeral(text: str, seed: int) -> Drawn:
    """A printed character, light on dark, 28 x 28 px: turned, moved and sized as the seed says."""
    rng = np.random.default_rng((ord(text), seed))
    sheet = Image.new("L", (56, 56), 0)
    at = 28 + rng.uniform(-2, 2, 2)
    font = ImageFont.load_default(float(rng.uniform(30, 42)))
    ImageDraw.Draw(sheet).text((at[0], at[1]), text, 255, font, anchor="mm")
    return sheet.rotate(rng.uniform(-18, 18), Image.Resampling.BILINEAR).resize((28, 28), Image.Resampling.BOX)


def pattern(person: int, seed: int, *, noise: float = 26.0) -> Drawn:
    """A pattern (32, 32) in colour that is a person's own, with a photograph's noise."""
    own = np.random.default_rng(person).uniform(40, 215, (8, 8, 3))
    rng = np.random.default_rng((person, seed))
    large = own.repeat(SIDE_PX // 8, 0).repeat(SIDE_PX // 8, 1)
    return Image.fromarray(np.clip(large + rng.normal(0, noise, large.shape), 0, 255).astype(np.uint8))


def save(folder: Path, pictures: Iterable[Drawn], *, prefix: str = "") -> Path:
    """Write pictures as numbered PNG files into a folder, which is returned."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, picture in enumerate(pictures):
        picture.save(folder / f"{prefix}{number:03d}.png", optimize=True)
    return folder


def lay_out(work: Path) -> None:
    """All folders that the commands of `make_home.py` name."""
    for digit in "0123456789":
        save(work / "numerals" / digit, (numeral(digit, seed) for seed in range(40)))
    save(work / "letters", (numeral(letter, 0) for letter in "ABCDEFGHJKLMNPRSTUVWXYZacdefghkmnprtuvwxyz"))
    for person in range(36):
        save(work / "people" / f"person {person:02d}", (pattern(person, seed) for seed in range(3)))
    for person in range(12):
        save(work / "album", (pattern(100 + person, seed) for seed in range(4)), prefix=f"{person:02d}-")
    save(work / "album", (pattern(200 + person, 0) for person in range(4)), prefix="single-")
    save(work / "later", (pattern(100 + person, 9) for person in range(3)))
    _lay_out_probes(work / "probes")


def _lay_out_probes(folder: Path) -> None:
    save(folder / "numerals", (numeral(digit, seed) for digit in "0123456789" for seed in (100, 101)))
    save(folder / "numerals", (numeral(letter, 5) for letter in "ABKZ"), prefix="letter-")
    save(folder / "people", (pattern(person, 50) for person in range(12)))
    save(folder / "people", (pattern(person, 51, noise=90.0) for person in range(6)), prefix="noisy-")
    save(folder / "people", (pattern(300 + person, 0) for person in range(6)), prefix="stranger-")
    save(folder / "album", (pattern(100 + person, 60) for person in range(8)))
