"""A picture of a gallery of people has each of its thresholds, and all pairs of its photographs."""

from __future__ import annotations

from pathlib import Path

import pytest
from face_worlds import RULES, album, people
from matplotlib.figure import Figure

from identity.core.rules.people_points import people_thresholds
from identity.plots import style


def test_each_threshold_of_people_is_a_line_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    figures: list[Figure] = []
    monkeypatch.setattr(style, "save", lambda figure, path: figures.append(figure))
    made = people(tmp_path / "home")
    made.opened.enroll(album(34, 4), faces=RULES)
    made.opened.calibrate()
    made.opened.plots.thresholds(tmp_path / "own.png")
    points = people_thresholds(made.opened.calibration())
    assert points is not None
    said = [text.get_text() for text in figures[0].axes[0].get_legend().get_texts()]
    assert said[:2] == ["204 pairs of one person", "8,976 pairs of different people"]
    starts = ("verify: same up to here (FMR 0.001)", "verify: different beyond", "search: known up to here (FPIR ")
    for text, point, start in zip(said[2:], (points.verify, points.uncertain, points.search), starts, strict=True):
        assert text.startswith(f"{point.threshold:.3f} {start}")
