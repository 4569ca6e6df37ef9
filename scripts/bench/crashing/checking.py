"""The check after a kill, by brute force: what a home holds against what its ledgers acknowledged."""

from __future__ import annotations

import json
import re
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from crashing import world
from crashing.world import State

Entry = dict[str, Any]
PICTURE = re.compile(rb"drawn-(?:numerals|album)-\d{4}\.png")
K = 3


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
        wrong.append(f"{verb} in {gallery} changed what it only reads: {_apart_of(gallery, state, now)}")
    if verb == "query" and (strangers := set(done["said"]) - set(state[gallery]["samples"])):
        wrong.append(f"query named pictures that were not there: {sorted(strangers)}")
    if verb == "doctor" and done["said"]:
        wrong.append(f"doctor found {done['said']}")
    return wrong


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
        return [f"gallery {name} changed and nobody changed it: {_apart_of(name, before, after)}"]
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


def _apart_of(name: str, before: Any, after: Any) -> list[Any]:
    if before is not None and name in before:
        before, after = before[name], after[name]
    if before is None or after is None:
        return ["there" if before is None else "gone"]
    parts = [part for part in before["rest"] if before["rest"][part] != after["rest"][part]]
    rows = [p for p in {*before["samples"], *after["samples"]} if before["samples"].get(p) != after["samples"].get(p)]
    return [*parts, *rows[:4]]


def rows_are_whole(found: State) -> list[str]:
    """Every sample has a vector of unit length whose crc32 is right."""
    wrong = []
    for name, gallery in found.items():
        for path, row in gallery["samples"].items():
            if row[2] is None:
                wrong.append(f"{path} of {name} has no vector")
                continue
            vector = bytes.fromhex(row[2])
            length = np.linalg.norm(np.frombuffer(vector, "<f4"))
            if zlib.crc32(vector) != row[3] or abs(length - 1) > 1e-5:
                wrong.append(f"{path} of {name}: its vector is damaged")
    return wrong


def leftovers(home: Path, found: State, removed: list[tuple[str, str, str]]) -> list[str]:
    """Bytes of removed samples in any file of the home: path, content hash, vector."""
    held = {path.encode() for gallery in found.values() for path in gallery["samples"]}
    wrong = []
    for file in sorted(path for path in home.rglob("*") if path.is_file() and "models" not in path.parts):
        content = file.read_bytes()
        wrong += [f"{one.decode()} was removed and is in {file.name}" for one in set(PICTURE.findall(content)) - held]
        for path, vector, sha in removed:
            middle = bytes.fromhex(vector)[16:80]
            if middle in content or bytes.fromhex(sha) in content:
                wrong.append(f"vector or hash of {path} was removed and is in {file.name}")
    return wrong[:6]


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


def brute_force(gallery: Any, rows: dict[str, Any], probes: list[Path]) -> list[str]:
    """Answers of the program against distances to every vector of the table, computed here."""
    searched = {row[5]: np.frombuffer(bytes.fromhex(row[2]), "<f4") for row in rows.values() if row[1] == "gallery"}
    if not searched:
        return []
    ids, table = list(searched), np.stack(list(searched.values())).astype(np.float64)
    wrong = []
    for answer in gallery.query(probes, k=K):
        (region,) = answer.regions
        (part,) = gallery.pipeline.describe(list(gallery.read([answer.image.path])))[0]
        distances = dict(zip(ids, 1 - table @ part.vector.astype(np.float64), strict=True))
        said = {match.sample: match.distance for match in region.matches}
        real = sorted(distances.values())[: len(said)]
        if len(said) < min(K, len(ids)) or not np.allclose(sorted(said.values()), real, atol=1e-5):
            wrong.append(f"query of {answer.image.path}: said {sorted(said.values())}, brute force {real}")
        wrong += [f"query named sample {one}" for one in said if abs(said[one] - distances.get(one, 9)) > 1e-5]
        names = {row[5]: row[0] for row in rows.values()}
        if region.verdict.value == "known" and region.identity not in {names[one] for one in ids}:
            wrong.append(f"known as {region.identity}, whom the table does not have")
    return wrong
