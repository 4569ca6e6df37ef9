"""An examination whose database goes meanwhile says so, and finds no damage."""

from __future__ import annotations

import signal

import pytest

from identity import bootstrap
from identity.core.errors import StoreGoneError


def test_a_server_that_goes_while_it_is_examined_is_no_finding(tmp_path, own_server):
    with bootstrap.open_home(home=tmp_path / "home", database=own_server.new_database()) as home:
        assert list(home.examine()) == []
        looking = home.examine()
        own_server.stop(signal.SIGQUIT)
        with pytest.raises(StoreGoneError, match=r"run the command again|check that the server runs"):
            list(looking)
