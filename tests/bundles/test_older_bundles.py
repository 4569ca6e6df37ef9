"""Bundles that were written by an older version are read."""

from __future__ import annotations

import json

from test_damaged_bundles import packed, said, unpacked

from identity.bundles.reading import read_bundle


def test_in_a_file_of_before_nobody_is_set_aside(bundle, tmp_path):
    members = {name: held for name, held in unpacked(bundle).items() if not name.startswith("set_aside/")}
    facts = json.loads(members["manifest.json"])
    counts = {table: count for table, count in facts["counts"].items() if table != "set_aside"}
    parts = {name: part for name, part in facts["parts"].items() if name in members}
    older = packed(said(members, version=2, counts=counts, parts=parts), tmp_path / "older")
    rows = read_bundle(older).rows
    assert (rows.count("set_aside"), rows.count("sample")) == (0, counts["sample"])
