"""What no command of ours wrote is found: every damage that changes an answer, and none is answered by a traceback."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from identity import bootstrap

sys.path.append(str(Path(__file__).parents[2] / "scripts" / "bench"))

from coded import search_by_codes
from damage.home import EARLIER, answers_of, build_home, findings_of
from damage.planting import CODES_KINDS, damage_codes
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


@pytest.fixture
def coded(tmp_path: Path) -> Iterator[Path]:
    """A home whose gallery is searched through codes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bootstrap, "SHIPPED", bootstrap.SHIPPED)
        search_by_codes()
        yield build_home(tmp_path / "home")
        search_by_codes(on=False)


def test_damaged_codes_are_found_and_change_no_answer(coded: Path, tmp_path: Path) -> None:
    before, rng = answers_of(coded), np.random.default_rng(0)
    assert len(list((coded / "indexes").glob("*.codes"))) == 1
    for kind in CODES_KINDS:
        home = shutil.copytree(coded, tmp_path / kind)
        (codes,) = (home / "indexes").glob("*.codes")
        damage_codes(codes, home / EARLIER, kind, rng)
        assert findings_of(home) == (True, None)
        assert not answers_of(home).differ(before)
        assert findings_of(home) == (False, None)  # the answer had it written anew
