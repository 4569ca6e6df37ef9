"""What no command of ours wrote is found: every damage that changes an answer, and none is answered by a traceback."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from identity import bootstrap

sys.path.append(str(Path(__file__).parents[2] / "scripts" / "bench"))

from damage.home import build_home
from damages import Outcome, outcomes

DAMAGES = 80


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Outcome]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bootstrap, "SHIPPED", bootstrap.SHIPPED)  # the home's builder replaces it; put back at the end
        yield outcomes(build_home(tmp_path_factory.mktemp("damaged") / "home"), damages=DAMAGES, seed=7)


def test_every_damage_that_changes_an_answer_is_found_by_the_examination(found: list[Outcome]) -> None:
    assert [one.damage for one in found if one.missed] == []
    assert sum(one.changed or one.refused for one in found) > DAMAGES / 4


def test_no_damage_makes_an_answer_or_the_examination_raise(found: list[Outcome]) -> None:
    assert [(one.damage, one.raised) for one in found if one.raised is not None] == []


def test_no_damage_of_an_index_file_makes_a_query_say_another_name(found: list[Outcome]) -> None:
    files = [one for one in found if one.damage.startswith("index-file")]
    assert len(files) > DAMAGES / 20
    assert [one.damage for one in files if one.misnamed] == []
