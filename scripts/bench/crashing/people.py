"""Decisions about people as verbs: name, merge, split, reject, confirm, undo, each with the names it foresees."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from crashing.reading import reading

NAMED_BEFORE = """
    SELECT i.path, coalesce(n.name, f.name) FROM decision_sample d
    JOIN sample s ON s.id = d.sample_id JOIN image i ON i.id = s.image_id
    LEFT JOIN identity n ON n.id = d.identity_id LEFT JOIN former_identity f ON f.identity_id = d.identity_id
    WHERE d.decision_id = ? AND d.identity_id IS DISTINCT FROM d.identity_after
    UNION ALL SELECT i.path, r.name FROM decision_rename r
    JOIN sample s ON s.identity_id = r.identity_id JOIN image i ON i.id = s.image_id WHERE r.decision_id = ?
"""


def take_back(child: Any, gallery: Any) -> Any:
    """The latest decision undone; None where there is none."""
    made = [one.id for one in gallery.people.decisions() if one.undone_at is None][-1:]
    if not made:
        return None
    with reading(child.database) as select:
        rows = select(NAMED_BEFORE, made[0], made[0])
    named = {Path(path).name: name for path, name in rows}
    return {"named": named, "rest": True}, lambda: gallery.people.undo(made[0]).id


def decision(child: Any, gallery: Any) -> Any:
    """One decision about clusters or names that are there; None where there is nobody."""
    there = [who for who in gallery.people.list() if who.samples]
    if not there:
        return None
    who = there[child.rng.integers(len(there))]
    called = who.identity if who.cluster is None else f"c{who.cluster}"
    kinds = [_name, _merge, _split, _reject, _reject_name, _confirm]
    return kinds[child.rng.integers(len(kinds))](child, gallery, who, called, there)


def _of(gallery: Any, called: str) -> list[Any]:
    return [placed.sample for placed in gallery.people.show(called).samples]


def _named(samples: Any, name: str | None) -> dict[str, str | None]:
    return {Path(one.source).name: name for one in samples}


def _name(child: Any, gallery: Any, who: Any, called: str, there: Any) -> Any:
    new = child.new_name()
    meant = _of(gallery, called)
    if who.identity is not None:  # the identity is renamed, wherever its samples lie
        meant = [one for one in child.samples(gallery) if one.identity == who.identity]
    return {"named": _named(meant, new), "rest": True}, lambda: gallery.people.name(called, new).note


def _merge(child: Any, gallery: Any, who: Any, called: str, there: Any) -> Any:
    other = there[child.rng.integers(len(there))]
    second = other.identity if other.cluster is None else f"c{other.cluster}"
    new = child.new_name()
    named = _named(_of(gallery, called) + _of(gallery, second), new)
    return {"named": named, "rest": True}, lambda: gallery.people.merge([called, second], as_name=new).note


def _split(child: Any, gallery: Any, who: Any, called: str, there: Any) -> Any:
    chosen = child.some(_of(gallery, called), 2)
    ids = [one.id for one in chosen]
    return {"named": _named(chosen, None), "rest": True}, lambda: gallery.people.split(called, ids).note


def _reject(child: Any, gallery: Any, who: Any, called: str, there: Any) -> Any:
    chosen = child.some(_of(gallery, called), 2)
    ids = [one.id for one in chosen]
    return {"named": _named(chosen, None), "rest": True}, lambda: gallery.people.reject(called, ids).note


def _reject_name(child: Any, gallery: Any, who: Any, called: str, there: Any) -> Any:
    names = sorted({one.identity for one in there if one.identity is not None})
    if not names:
        return None
    name = names[child.rng.integers(len(names))]
    return {"rest": True}, lambda: gallery.people.reject_name(called, name).note


def _confirm(child: Any, gallery: Any, who: Any, called: str, there: Any) -> Any:
    named = {} if who.identity is None else _named(_of(gallery, called), who.identity)
    return {"named": named, "rest": True}, lambda: gallery.people.confirm(called).note
