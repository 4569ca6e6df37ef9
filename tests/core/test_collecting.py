"""The collector of cycles rests while values are made, and is left as it was found."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from identity.core.collecting import collector_at_rest


@pytest.fixture(params=[True, False])
def worked(request: pytest.FixtureRequest) -> Iterator[bool]:
    before = gc.isenabled()
    if request.param:
        gc.enable()
    else:
        gc.disable()
    yield request.param
    if before:
        gc.enable()


def test_collector_rests_within_and_is_as_before_afterwards_error_or_not(worked: bool) -> None:
    with collector_at_rest():
        assert not gc.isenabled()
        with collector_at_rest():
            pass
        assert not gc.isenabled()
    assert gc.isenabled() is worked
    with pytest.raises(KeyError), collector_at_rest():
        raise KeyError
    assert gc.isenabled() is worked
