"""What a map and a contact sheet show of photographs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from identity.core.domain import DIGITS, FACES
from identity.pictures import contact_sheet
from identity.pictures.contact_sheet import Strip
from identity.plots import embedding


@pytest.mark.parametrize("domain", [DIGITS, FACES])
def test_a_dark_photograph_is_drawn_as_it_is_and_only_ink_as_strokes(tmp_path: Path, domain) -> None:
    dark = np.full((64, 64), 30, np.uint8)
    drawn = np.asarray(embedding._picture(dark, (255, 0, 0), 40, ink=domain.ink).convert("RGBA"))
    shown = [30, 30, 30, 255] if domain is FACES else [255, 0, 0, 30]
    assert drawn[20, 20].tolist() == shown


def test_a_contact_sheet_frames_the_samples_that_somebody_confirmed(tmp_path: Path) -> None:
    grey = [np.full((90, 90, 3), 128, np.uint8)] * 2
    blue = []
    for confirmed in ([False, False], [True, False], [True, True]):
        strip = Strip("c1", grey, 2, ids=[11, 12], confirmed=confirmed)
        contact_sheet.draw([strip], path=tmp_path / "s.png", title="t")
        pixels = np.asarray(Image.open(tmp_path / "s.png").convert("RGB")).astype(int)
        blue.append(int((np.abs(pixels - (0, 114, 178)).sum(axis=2) < 20).sum()))
    assert blue[0] == 0
    assert blue[1] > 500
    assert blue[2] > 1.8 * blue[1]
