"""Whatever somebody decided can be taken back, exactly; what others decided later is never lost by it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from cluster_worlds import opened
from databases import give_back
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from undo_worlds import broken, build, copied, everything, step

from identity.core.errors import UsageError
from identity.gallery import Gallery


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("undoing")
    assert opened(home).close() is None
    return build(home)


drawn = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@drawn
@given(draws=st.data())
def test_whatever_is_undone_from_the_last_to_the_first_is_as_it_never_was(world: Path, draws: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        here = copied(world, Path(folder) / "home")
        before: list[tuple[str, dict]] = []
        for _ in range(draws.draw(st.integers(1, 7))):
            was = everything(here)
            done = step(here, lambda n: draws.draw(st.integers(0, n - 1)))
            before += [(done, was)] if done else []
        for done, was in reversed(before):
            here.people.undo() if done == "decision" else here.clusters.undo()
            assert everything(here) == was
            assert broken(here) == []
        assert all(one.undone_at for one in here.people.decisions())
        here.close()
        give_back(Path(folder) / "home")


def undone_or_refused(here: Gallery, decision: int) -> bool:
    try:
        here.people.undo(decision)
    except UsageError:
        return False
    return True


@drawn
@given(draws=st.data())
def test_in_whatever_order_decisions_are_undone_names_and_refusals_are_those_of_before(
    world: Path, draws: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        here = copied(world, Path(folder) / "home")
        was = everything(here, labels=False)
        for _ in range(draws.draw(st.integers(1, 7))):
            step(here, lambda n: draws.draw(st.integers(0, n - 1)))
        left = [one.id for one in here.people.decisions()]
        order = draws.draw(st.permutations(left))
        while left:
            for chosen in (one for one in order if one in left):
                now = everything(here)
                if undone_or_refused(here, chosen):
                    left.remove(chosen)
                else:
                    assert (chosen == left[-1], everything(here)) == (False, now)
                assert broken(here) == []
        assert everything(here, labels=False) == was
        here.close()
        give_back(Path(folder) / "home")
