"""Whatever homes write index files of a gallery, and whenever: what each searches is every sample there is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from databases import address_of, open_database
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_factories import new_samples
from test_store_search_state import _found, _rows, _snapshot

from identity.core import search_state
from identity.core.types import Labelled, Role
from identity.store.galleries import SqlGalleries
from identity.store.samples import SampleStore
from identity.store.transactions import SqlDatabase

HOMES = 3
_ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(1, 4), st.just(0)),
        st.tuples(st.just("relabel"), st.integers(0, 9), st.just(0)),
        st.tuples(st.just("remove"), st.integers(0, 9), st.just(0)),
        st.tuples(st.just("read"), st.just(0), st.just(0)),
        st.tuples(st.just("publish"), st.integers(0, 3), st.integers(0, HOMES - 1)),
        st.tuples(st.just("lose"), st.just(0), st.integers(0, HOMES - 1)),
        st.tuples(st.just("forget"), st.just(0), st.integers(0, HOMES - 1)),
    ),
    max_size=25,
)


@pytest.fixture
def shared(kind: str, tmp_path: Path) -> Iterator[SqlDatabase]:
    opened = open_database(address_of(tmp_path))
    yield opened
    opened.close()


@pytest.mark.parametrize("outgrown_at", [4, 2000])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actions=_ACTIONS)
def test_snapshot_less_superseded_plus_later_is_every_sample_in_every_home(shared, outgrown_at, actions):
    gallery = SqlGalleries(shared).create(uuid4().hex, model="m", detector="d", space="s", dim=8)
    store, world = SampleStore(shared, gallery), _Homes()
    for step, (action, number, home) in enumerate(actions):
        chosen = [sample.id for sample in store.find()][number : number + 3]
        match action:
            case "add":
                store.add(new_samples(step * 10, number))
            case "relabel":
                store.relabel(chosen, f"name {number % 2}")
            case "remove":
                store.remove(chosen)
            case _:
                world.act(action, number, home, store, outgrown_at)
        truth = _rows(store.all_vectors(Role.GALLERY)[1])
        assert all(_found(store, held) == truth for held in world.held)


class _Homes:
    """What homes read, and which files they hold."""

    def __init__(self) -> None:
        self.reads: list[tuple[int, Labelled]] = []
        self.held: list[set[str]] = [set() for _ in range(HOMES)]

    def act(self, action: str, number: int, home: int, store: SampleStore, outgrown_at: int) -> None:
        match action:
            case "read":
                self.reads.append(store.all_vectors(Role.GALLERY))
            case "publish" if self.reads:
                read = self.reads[-1 - number % len(self.reads)]
                with pytest.MonkeyPatch.context() as patched:
                    patched.setattr(search_state, "SMALL", outgrown_at)
                    self._publish(home, store, *read, replacing=self.held[home])
            case "lose":
                self.held[home] = set()
            case "forget":
                self._publish(home, store, *store.all_vectors(Role.GALLERY), replacing=None)
                assert store.index_files.in_force() <= self.held[home]

    def _publish(
        self, home: int, store: SampleStore, changes: int, read: Labelled, *, replacing: set[str] | None
    ) -> None:
        written = _snapshot(store.gallery, read, uuid4().hex)
        store.index_files.publish(written, changes=changes, replacing=replacing)
        self.held[home] = {written.name}
