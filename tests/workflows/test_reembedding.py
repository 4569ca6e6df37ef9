"""Another model for a gallery: everything people said stays, the old answers hold until the last vector is there."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from identity import bootstrap
from identity.core.errors import GalleryChangedError, UsageError
from identity.core.reembedding import Origin
from identity.core.types import Role
from identity.home import Home
from identity.workflows.cluster.request import ClusterRequest

pytest.importorskip("onnx")
sys.path.append(str(Path(__file__).parents[1] / "homes"))

import network
import pictures

PEOPLE, EACH = 6, 4
REQUEST = ClusterRequest(eps=0.4, min_samples=2)


@dataclass(frozen=True)
class Album:
    """A home with a clustered and named gallery of drawn patterns, and the folder of its pictures."""

    home: Home
    pictures: Path

    def answers(self) -> list[tuple[str, str | None]]:
        """What pictures that were never enrolled are said to show."""
        probes = pictures.save(self.pictures.parent / "probes", (pictures.pattern(p, 50) for p in range(1, PEOPLE + 3)))
        with self.home.open_gallery("album") as opened:
            regions = [answer.regions[0] for answer in opened.query(probes)]
        return [(region.verdict.value, region.identity) for region in regions]

    def vectors(self) -> np.ndarray:
        return self.home.open_gallery("album").store.all_vectors(Role.GALLERY)[1].vectors


@pytest.fixture
def album(tmp_path: Path) -> Iterator[Album]:
    with pytest.MonkeyPatch.context() as patch:
        shutil.copytree(bootstrap.SHIPPED / "models", tmp_path / "package" / "models")
        patch.setattr(bootstrap, "SHIPPED", tmp_path / "package")
        models = bootstrap.open_models(home=tmp_path / "home")
        models.add(network.write(tmp_path / "pixels"))
        models.add(network.write(tmp_path / "other", name="other", dim=48, seed=1))
        for person in range(PEOPLE):
            drawn = (pictures.pattern(person, seed) for seed in range(EACH))
            pictures.save(tmp_path / "album", drawn, prefix=f"{person}-")
        with bootstrap.open_home(home=tmp_path / "home") as home:
            home.create_gallery("album", model="pixels", detector="whole")
            with home.open_gallery("album") as opened:
                opened.enroll(tmp_path / "album")
                opened.clusters.run(REQUEST)
                for number in range(1, PEOPLE):
                    opened.people.name(f"c{number}", f"person {number}")
                opened.people.confirm("person 1")
            yield Album(home, tmp_path / "album")


def people_of(album: Album) -> object:
    return album.home.open_gallery("album").people.list()


def test_names_decisions_and_clusters_stay_with_their_samples_in_the_new_space(album: Album) -> None:
    people, before = people_of(album), album.answers()
    assert {verdict for verdict, _ in before} == {"known", "unknown"}
    report = album.home.reembed("album", model="other")
    assert (report.made, report.missing) == ({Origin.FILE: PEOPLE * EACH}, ())
    assert (report.gallery.model, report.gallery.dim, album.vectors().shape) == ("other", 48, (PEOPLE * EACH, 48))
    assert people_of(album) == people
    assert album.answers() == before
    assert list(album.home.examine()) == []


def test_the_new_vectors_are_those_that_enrolment_by_the_new_model_makes(album: Album) -> None:
    album.home.reembed("album", model="other")
    album.home.create_gallery("again", model="other", detector="whole")
    with album.home.open_gallery("again") as opened:
        opened.enroll(album.pictures)
        expected = opened.store.all_vectors(Role.GALLERY)[1].vectors
    assert np.array_equal(album.vectors(), expected)


def test_without_the_photographs_crops_are_embedded_and_without_those_nothing_is_switched(album: Album) -> None:
    changed = album.pictures / "0-000.png"
    shutil.copy(album.pictures / "1-000.png", changed)  # another picture by now: not what was enrolled
    (album.pictures / "0-001.png").unlink()
    report = album.home.reembed("album", model="other", dry_run=True)
    assert (dict(report.made), report.gallery) == ({Origin.FILE: PEOPLE * EACH - 1, Origin.CROP: 1}, None)
    with album.home.store._database.write() as connection:
        connection.exec_driver_sql("DELETE FROM crop WHERE sample_id = 2")
    before = album.vectors()
    report = album.home.reembed("album", model="other")
    assert (report.made, report.missing, report.gallery) == (
        {Origin.FILE: PEOPLE * EACH - 2, Origin.CROP: 1}, (2,), None,
    )  # fmt: skip
    assert np.array_equal(album.vectors(), before)
    album.home.open_gallery("album").samples.remove([2])
    assert album.home.reembed("album", model="other").gallery is not None


class StoppedError(Exception):
    """Raised in the middle, where a kill could come."""


def test_an_interrupted_run_goes_on_where_it_was_and_embeds_nothing_twice(
    album: Album, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("identity.workflows.reembed.BATCH", 5)
    before = album.answers()

    def stop(_count: int) -> None:
        raise StoppedError

    with pytest.raises(StoppedError):
        album.home.reembed("album", model="other", on_progress=stop)
    assert album.answers() == before
    done: list[int] = []
    assert album.home.reembed("album", model="other", on_progress=done.append).gallery is not None
    assert sum(done) == PEOPLE * EACH - 5


def test_who_enrolls_meanwhile_is_included_and_who_has_the_gallery_open_is_told(
    album: Album, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("identity.workflows.reembed.BATCH", 20)
    other = album.home.open_gallery("album")
    later = pictures.save(album.pictures.parent / "later", (pictures.pattern(9, seed) for seed in range(3)))
    calls: list[int] = []

    def enroll_once(count: int) -> None:
        calls.append(count)
        if len(calls) == 1:
            other.enroll(later)

    assert album.home.reembed("album", model="other", on_progress=enroll_once).gallery is not None
    assert len(album.vectors()) == PEOPLE * EACH + 3
    with pytest.raises(GalleryChangedError, match="re-embedded by another program"):
        other.enroll(pictures.save(album.pictures.parent / "too late", [pictures.pattern(8, 0)]))
    with pytest.raises(GalleryChangedError):
        list(other.query(later))


def test_the_next_clustering_is_a_full_one_and_keeps_ids_and_names(album: Album) -> None:
    people = people_of(album)
    album.home.reembed("album", model="other")
    with album.home.open_gallery("album") as opened:
        opened.clusters.run(REQUEST)
        assert opened.clusters.history()[-1].mode == "full"
        assert [one.algo for one in opened.clusters.history()][-2:] == ["reembedded", "dbscan"]
    assert people_of(album) == people


def test_a_model_that_cannot_be_meant_is_refused(album: Album) -> None:
    with pytest.raises(UsageError, match="in the space of model 'pixels' already"):
        album.home.reembed("album", model="pixels")
    with pytest.raises(UsageError, match="for another kind of image"):
        album.home.reembed("album", model="digits")
