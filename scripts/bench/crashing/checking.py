"""The check after a kill, by brute force: what a home holds against what its ledgers acknowledged."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from crashing import world
from crashing.world import State

Entry = dict[str, Any]


def read_ledger(path: Path) -> list[Entry]:
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    return [json.loads(line) for line in lines]


def effect_on(state: State, entry: Entry) -> dict[str, dict[str, str | None]]:
    """Gallery -> picture -> identity after an announced verb, from the state before it."""
    after = {name: dict(held) for name, held in world.identities(state).items()}
    held = after.get(entry["gallery"], {})
    for path, name in entry.get("come", {}).items():
        held[path] = held.get(path) or name  # a picture that nobody named gets its name later, too
    held.update({path: name for path, name in entry.get("named", {}).items() if path in held})
    for path in entry.get("gone", ()):
        held.pop(path, None)
    if "created" in entry:
        after[entry["created"]] = {}
    after.pop(entry.get("deleted"), None)
    return after


def replay(
    truth: State, entries: list[Entry], backups: dict[str, State], own: list[str] | None
) -> tuple[State, Entry | None, list[str]]:
    """The state after all acknowledgements, the verb in flight, and what contradicts itself on the way.

    `own`: the galleries that only this ledger's child works in; None where it works alone in all of them.
    """
    state, flying, wrong = truth, None, []
    for entry in entries:
        if "begin" in entry:
            flying = entry
        elif "done" in entry:
            now = entry["state"] if own is None else {**state, **_of(entry["state"], own)}
            wrong += _contradictions(state, flying, entry, now, backups)
            state, flying = now, None
        elif "refused" in entry:
            flying = None
        elif "lost" in entry and flying is not None:  # it may have been kept or not
            flying = flying | {"lost": entry["lost"]}
        elif "failed" in entry:
            wrong.append(f"{flying and flying['begin']}: {entry['failed']}")
    return state, flying, wrong


def _of(state: State, own: list[str]) -> State:
    return {name: state[name] for name in own if name in state}


def _contradictions(state: State, begun: Entry | None, done: Entry, now: State, backups: dict[str, State]) -> list[str]:
    assert begun is not None
    wrong, verb, gallery = [], begun["begin"], begun["gallery"]
    foreseen, found = effect_on(state, begun), world.identities(now)
    if "restore" in begun:
        foreseen = world.identities(backups[begun["restore"]])
    if "backup" in begun:
        backups[begun["backup"]] = now
    if foreseen != found:
        wrong.append(f"{verb} in {gallery} was acknowledged, and the table says otherwise: {_apart(foreseen, found)}")
    if not {"rest", "restore", "named", "gone", "come", "deleted", "created"} & set(begun) and now != state:
        wrong.append(f"{verb} in {gallery} changed what it only reads: {apart_of(gallery, state, now)}")
    if verb in {"calibrate", "cluster"} and not _is_kept(verb, done["said"], now[gallery]):
        wrong.append(f"{verb} in {gallery} was acknowledged, and is not in the table: {done['said']}")
    if verb == "query" and (strangers := set(done["said"]) - set(state[gallery]["samples"])):
        wrong.append(f"query named pictures that were not there: {sorted(strangers)}")
    if verb == "doctor" and done["said"]:
        wrong.append(f"doctor found {done['said']}")
    return wrong


def _is_kept(verb: str, said: Any, now: Any) -> bool:
    return said in now["runs"] if verb == "cluster" else str(said) in now["facts"]


def _apart(foreseen: Any, found: Any) -> list[Any]:
    """What differs, shortly."""
    apart = []
    for name in sorted({*foreseen, *found}):
        one, other = foreseen.get(name), found.get(name)
        if one is None or other is None:
            apart += [(name, "foreseen" if one is not None else "found")] if one is not other else []
        else:
            apart += [(name, path, one.get(path, "-"), other.get(path, "-")) for path in {*one, *other}
                      if one.get(path, "-") != other.get(path, "-")]  # fmt: skip
    return apart[:6]


def disagreements(truth: State, flying: list[Entry], found: State, backups: dict[str, State]) -> list[str]:
    """What is neither as acknowledged nor as the verb in flight makes it."""
    if any("restore" in one for one in flying):
        (one,) = flying
        whole = (truth, backups[one["restore"]])
        return [] if found in whole else ["restore in flight: neither the old state nor the backup's"]
    wrong: list[str] = []
    for name in {*truth, *found}:
        mine = [one for one in flying if name in {one["gallery"], one.get("created"), one.get("deleted")}]
        wrong += _of_gallery(name, truth.get(name), mine[0] if mine else None, found.get(name), truth)
    return wrong


def _of_gallery(name: str, before: Any, flying: Entry | None, after: Any, truth: State) -> list[str]:
    if before == after:
        return []
    if flying is None:
        return [f"gallery {name} changed and nobody changed it: {apart_of(name, before, after)}"]
    foreseen = effect_on(truth, flying).get(name)
    names = None if after is None else {path: row[0] for path, row in after["samples"].items()}
    if foreseen != names:
        shown = _apart({name: foreseen or {}}, {name: names or {}})
        return [f"{flying['begin']} in flight left gallery {name} half done: {shown}"]
    if before is None or after is None:
        return []
    kept = {path: row[1:] for path, row in before["samples"].items() if path in after["samples"]}
    moved = [path for path, row in kept.items() if after["samples"][path][1:] != row]
    return [f"{flying['begin']} in flight changed vectors of {name}: {moved[:3]}"] if moved else []


def apart_of(name: str, before: Any, after: Any) -> list[Any]:
    if before is not None and name in before:
        before, after = before[name], after[name]
    if before is None or after is None:
        return ["there" if before is None else "gone"]
    parts = [part for part in before["rest"] if before["rest"][part] != after["rest"][part]]
    rows = [p for p in {*before["samples"], *after["samples"]} if before["samples"].get(p) != after["samples"].get(p)]
    return [*parts, *rows[:4]]


def rows_are_whole(found: State) -> list[str]:
    """Every sample is there once and has a vector of unit length whose crc32 is right."""
    wrong = []
    for name, gallery in found.items():
        wrong += [f"{path} is in {name} twice" for path in gallery["twice"]]
        for path, row in gallery["samples"].items():
            if row[2] is None:
                wrong.append(f"{path} of {name} has no vector")
                continue
            vector = bytes.fromhex(row[2])
            length = np.linalg.norm(np.frombuffer(vector, "<f4"))
            if zlib.crc32(vector) != row[3] or abs(length - 1) > 1e-5:
                wrong.append(f"{path} of {name}: its vector is damaged")
    return wrong


def removed_between(before: State, after: State) -> list[tuple[str, str, str]]:
    """What left all galleries: path, vector, content hash."""
    there = {(row[2], row[4]) for gallery in after.values() for row in gallery["samples"].values()}
    vectors, contents = {one for one, _ in there}, {one for _, one in there}
    return [
        (path, row[2], row[4])
        for gallery in before.values()
        for path, row in gallery["samples"].items()
        if row[2] not in vectors and row[4] not in contents
    ]
