"""`plot thresholds` of people: the gallery's own pairs, and every threshold with what it means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from family import family_gallery
from matplotlib.figure import Figure
from running import Ran

from identity.core.types import Box
from identity.plots import style


@pytest.fixture
def gallery(home: Path, tmp_path: Path) -> Callable[[Mapping[int, str | None]], str]:
    """Makes a gallery of faces by place, whose vectors are alike where places are 4 apart; its name."""

    def made(faces: Mapping[int, str | None]) -> str:
        name = f"plotted-{tmp_path.name.replace('_', '-')}"
        family_gallery(home, {tmp_path / "gone.jpg": {Box(x, 0, x + 2, 2): who for x, who in faces.items()}}, name=name)
        return name

    return made


@pytest.fixture
def figures(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """Every figure that is written."""
    seen: list[Figure] = []
    usual = style.save
    monkeypatch.setattr(style, "save", lambda figure, path: (seen.append(figure), usual(figure, path)))
    return seen


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for axes in figure.axes if axes.get_legend() for text in axes.get_legend().get_texts()]


def test_pairs_are_drawn_with_the_distance_that_decides_and_what_it_means(
    run: Callable[..., Ran], gallery: Callable[..., str], figures: list[Figure], tmp_path: Path
) -> None:
    name = gallery({0: "Anna", 1: "Bert", 2: "Carla", 3: None})
    assert run("calibrate", "-g", name, "--threshold", "0.4").code == 0
    said = run("plot", "thresholds", "-g", name, "-o", tmp_path / "pairs.png")
    assert (said.code, said.out) == (0, f"written: {tmp_path / 'pairs.png'}\n"), said.err
    (figure,) = figures
    assert texts(figure)[:2] == ["3 pairs of different people", "0.400 same person, known (chosen by you)"]


def test_where_nobody_is_named_there_is_nothing_to_draw_and_one_line_says_so(
    run: Callable[..., Ran], gallery: Callable[..., str], tmp_path: Path
) -> None:
    name = gallery({0: None, 1: None})
    assert run("calibrate", "-g", name, "--threshold", "0.4").code == 0
    said = run("plot", "thresholds", "-g", name, "-o", tmp_path / "pairs.png")
    assert (said.code, said.err.count("\n"), (tmp_path / "pairs.png").exists()) == (2, 1, False)
    assert "no pairs of named faces to draw" in said.err
