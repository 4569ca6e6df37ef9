"""`people set-aside` and `bring-back`: who is not interesting, such as strangers in the background. All of it stays."""

from __future__ import annotations

from collections.abc import Sequence

from identity.core.clusters import ClusterEdit
from identity.core.errors import UsageError
from identity.core.types import NO_ID
from identity.workflows.cluster.constraints import Rows
from identity.workflows.cluster.somebody import Gathering


def set_aside(here: Gathering, who: str, samples: Sequence[int] = ()) -> ClusterEdit:
    """Nobody wants to name these samples. Raises `UsageError` where they are somebody's who has a name."""
    rows = _rows(here, who, samples)
    fresh = rows[~here.state.aside[rows]]
    if not len(fresh):
        raise UsageError(f"'{who}' is set aside already: take it back with 'identity people bring-back {who}'")
    return ClusterEdit("set aside", aside=here.ids(fresh))


def bring_back(here: Gathering, who: str, samples: Sequence[int] = ()) -> ClusterEdit:
    """These samples shall be named after all. Raises `UsageError` where none of them is set aside."""
    rows = _rows(here, who, samples)
    kept = rows[here.state.aside[rows]]
    if not len(kept):
        raise UsageError(f"'{who}' is not set aside: see 'identity people list --aside -g {here.gallery}'")
    return ClusterEdit("bring back", back=here.ids(kept))


def _rows(here: Gathering, who: str, samples: Sequence[int]) -> Rows:
    meant = here.find(who)
    if meant.identity != NO_ID:
        raise UsageError(
            f"'{who}' is called {here.names[meant.identity]}, and only who has no name can be set aside: "
            f"take out who it is not with 'identity people split {who} SAMPLES' first"
        )
    return here.rows_of(samples, meant) if samples else meant.rows
