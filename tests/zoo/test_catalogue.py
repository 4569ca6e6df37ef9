"""Claims about the table of models that are known by name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from identity.core.errors import NotFoundError, UsageError
from identity.zoo import catalogue
from identity.zoo import pull as pulling
from identity.zoo.folder import ModelFolder
from identity.zoo.manifest import dump
from identity.zoo.pull import pull


def test_unknown_name_lists_the_catalogue(models: ModelFolder) -> None:
    with pytest.raises(NotFoundError, match="choose one of yunet, face-reid-0095, sface"):
        pull("face-net", folder=models)
    with pytest.raises(NotFoundError):
        pull("../up", folder=models)


def test_face_reid_0095_comes_as_openvino_publishes_it(models: ModelFolder) -> None:
    with pytest.raises(UsageError, match=r"offline, face-reidentification-retail-0095\.xml cannot be downloaded"):
        pull("face-reid-0095", folder=models, offline=True)
    parts = catalogue.REID_0095.release.made_of
    assert [one.file.rpartition(".")[2] for one in parts] == ["xml", "bin"]
    assert [len(one.sha384) for one in parts] == [96, 96]


def test_every_entry_of_the_catalogue_is_a_manifest_that_may_be_installed() -> None:
    from identity.zoo.manifest import parse

    for one in catalogue.ENTRIES:
        filled = replace(one.manifest, sha256=one.manifest.sha256 or "0" * 64, bytes=one.manifest.bytes or 1)
        assert parse(dump(filled)) == filled
        assert one.manifest.licence
        assert one.release.restricted == ("non-commercial" in one.manifest.licence)
        assert pulling.is_address(one.release.address) or "/" not in one.release.address
