"""Networks travel to workers that lack them, once each, by digest; vectors of another space never come back."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import OWN
from stored import paths

import identity
from identity.bootstrap import SHIPPED
from identity.core.errors import SpaceMismatchError
from identity.workflows.elsewhere import opening


def enroll(home: Path, images: Path, address: str) -> identity.EnrolReport:
    with identity.open_gallery("strokes", home=home) as gallery:
        return gallery.enroll(images, on=address)


def another_version(home: Path) -> None:
    """The home's network, prepared otherwise: the same weights, another space."""
    file = home / "models" / OWN / "manifest.json"
    manifest = json.loads(file.read_text())
    manifest["input"]["scale"] = manifest["input"]["scale"] / 2
    file.write_text(json.dumps(manifest))


def test_a_worker_without_the_network_is_sent_it_once_and_keeps_it(cluster, home, strokes):
    lacking = cluster.folder / "lacking"
    cluster.worker(home=lacking)
    enroll(home("one"), strokes / "0", cluster.address)
    assert cluster.log("sent").count(str(lacking)) == 1
    (kept,) = lacking.glob("networks-sent/*/*/model.onnx")
    assert kept.read_bytes() == (SHIPPED / "models" / "digits" / "model.onnx").read_bytes()
    enroll(home("two"), strokes / "0", cluster.address)
    assert cluster.log("sent") == []


def test_a_worker_that_has_the_network_is_sent_nothing(cluster, home, strokes):
    its_own = home("its-own")
    cluster.worker(home=its_own)
    enroll(home("one"), strokes / "0", cluster.address)
    assert str(its_own) not in cluster.log("sent")
    assert not (its_own / "networks-sent").exists()


def test_a_worker_with_another_version_of_the_network_is_sent_the_right_one(cluster, home, strokes):
    old = home("old")
    another_version(old)
    cluster.worker(home=old)
    enroll(home("one"), strokes / "0", cluster.address)
    assert str(old) in cluster.log("sent")


def test_a_worker_that_comes_while_others_work_is_sent_the_network(cluster, home, strokes):
    there, came = home("there"), []

    def come(_count: int) -> None:
        if not came:
            came.append(cluster.worker(home=cluster.folder / "late"))

    with identity.open_gallery("strokes", home=there) as gallery:
        report = gallery.enroll(strokes, on=cluster.address, on_progress=come)
    assert report.gallery == len(paths(there)) == report.images - len(report.failed)


def test_a_home_whose_network_is_not_the_gallerys_is_refused(cluster, home, strokes):
    there = home("there")
    another_version(there)
    cluster.worker(home=cluster.folder / "empty")
    with pytest.raises(SpaceMismatchError, match="another space"):
        enroll(there, strokes, cluster.address)
    assert paths(there) == []


def test_bytes_that_are_not_the_networks_are_kept_by_no_worker(cluster, home, strokes, monkeypatch):
    parcels = opening.parcels

    def damaged(*given):
        return [replace(one, content=one.content[:-1] + b"x") for one in parcels(*given)]

    monkeypatch.setattr(opening, "parcels", damaged)
    fresh = cluster.folder / "fresh"
    cluster.worker(home=fresh)
    with pytest.raises(identity.IdentityError, match=r"sha256|digest"):
        enroll(home("there"), strokes, cluster.address)
    assert list(fresh.glob("networks-sent/*/own")) == []
