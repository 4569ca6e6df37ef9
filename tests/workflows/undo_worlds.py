"""Galleries whose decisions are taken back: a drawn one to begin with, everything that a state says, drawn steps."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from cluster_worlds import cluster, enroll, of_person, opened
from databases import address_of

from identity.core.errors import IdentityError
from identity.gallery import Gallery
from identity.store import sealed_rows, seals

NAMES = ("Ada", "Bob", "Eve")


def build(home: Path) -> Path:
    """A gallery of four people, one named at enrolment, and one photograph of two."""
    here = opened(home)
    enroll(here, of_person(1, 4, seed=1), identity="Ada")
    for person in (1, 2, 3):
        enroll(here, of_person(person, 3, seed=10 + person))
    enroll(here, of_person(4, 2, seed=4), photograph="both of them")
    cluster(here)
    here.close()
    return home


def copied(home: Path, target: Path) -> Gallery:
    """The same gallery in a home of its own; one that has its database on a server is built anew."""
    shutil.rmtree(target, ignore_errors=True)
    if not address_of(target).startswith("sqlite"):
        return opened(build(target))
    shutil.copytree(home, target)
    return opened(target)


def everything(here: Gallery, *, labels: bool = True) -> dict[str, Any]:
    """All that decisions and runs changed, and nothing that only counts."""
    state = here.people.store.places()
    facts = {
        "ids": state.ids, "identities": state.identities, "parties": state.parties, "aside": state.aside,
        "not samples": state.refused_samples, "not identities": state.refused_identities,
    }  # fmt: skip
    if labels:
        facts |= {"labels": state.labels, "core": state.core, "seen": state.seen}
    found: dict[str, Any] = {what: np.asarray(one).tolist() for what, one in facts.items()}
    return found | {"names": dict(here.store.identities()), "run": state.run if labels else None}


def broken(here: Gallery) -> list[str]:
    """The seals that do not fit."""
    gallery = here.store.gallery
    with here.store._transactions.read() as connection:
        return seals.broken_parts(connection, gallery, sealed_rows.everything(gallery))


def step(here: Gallery, draw: Callable[[int], int]) -> str | None:
    """Decide or run something; what can be taken back of it: a decision, a run, or nothing."""
    people, before = here.people, (len(here.people.decisions()), len(here.clusters.history()))
    groups = here.clusters.groups()
    if not groups:
        return None
    group = groups[draw(len(groups))]
    who, others = f"c{group.id}", group.samples.tolist()
    some, name = others[: 1 + draw(len(others))], NAMES[draw(len(NAMES))]
    another = f"c{groups[draw(len(groups))].id}"
    verbs: list[Callable[[], object]] = [
        lambda: people.name(who, name),
        lambda: people.merge([who, another]),
        lambda: people.merge([who, another], as_name=name),
        lambda: people.split(who, some),
        lambda: people.reject(who, some),
        lambda: people.reject_name(who, name),
        lambda: people.confirm(who),
        lambda: people.set_aside(who, some),
        lambda: people.set_aside(who),
        lambda: people.bring_back(who, some),
        lambda: here.samples.relabel(some, None if draw(3) == 0 else name),
        lambda: cluster(here),
        lambda: cluster(here, full=True, eps=(0.2, 0.5)[draw(2)]),
    ]
    with suppress(IdentityError):
        verbs[draw(len(verbs))]()
    if len(people.decisions()) > before[0]:
        return "decision"
    return "run" if len(here.clusters.history()) > before[1] else None
