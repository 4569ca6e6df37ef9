"""Which rows stand in a gallery's seals, and which of them an act of the store can touch."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, func, select

from identity.core.types import GalleryRecord
from identity.store import tables as t
from identity.store.cluster_tables import (
    cluster_label,
    cluster_run,
    core_quality,
    party,
    party_member,
    refusal,
    set_aside,
)
from identity.store.decision_tables import (
    decision,
    decision_aside,
    decision_refusal,
    decision_rename,
    decision_sample,
    former_identity,
)
from identity.store.rows import portions
from identity.store.seals import CLUSTERS, SAMPLES, THRESHOLDS, Sealed

_FACTS = ("id", "uuid", "name", "model", "detector", "space", "dim")


def everything(gallery: GalleryRecord) -> list[Sealed]:
    """Every sealed row of a gallery."""
    mine = t.sample.c.gallery_id == gallery.id
    return [
        facts(gallery),
        _whole(SAMPLES, t.image, t.image.c.gallery_id == gallery.id),
        *_samples(mine),
        identities(gallery),
        *thresholds(gallery),
        *decisions(gallery),
        Sealed(CLUSTERS, "set_aside", select(*set_aside.c).join_from(set_aside, t.sample).where(mine)),
        former(gallery),
        *history(gallery),
        *runs(gallery),
        Sealed(CLUSTERS, "cluster_label", select(*cluster_label.c).join_from(cluster_label, t.sample).where(mine)),
    ]


def facts(gallery: GalleryRecord) -> Sealed:
    """What the gallery is: not its change counter, which says nothing about an answer."""
    columns = (t.gallery.c[name] for name in _FACTS)
    return Sealed(SAMPLES, "gallery", select(*columns).where(t.gallery.c.id == gallery.id))


def identities(gallery: GalleryRecord) -> Sealed:
    """All names."""
    return _whole(SAMPLES, t.identity, t.identity.c.gallery_id == gallery.id)


def thresholds(gallery: GalleryRecord) -> list[Sealed]:
    """The calibration in force, with its classes."""
    return [
        _whole(THRESHOLDS, t.calibration, t.calibration.c.gallery_id == gallery.id),
        _whole(THRESHOLDS, t.calibration_class, t.calibration_class.c.gallery_id == gallery.id),
    ]


def runs(gallery: GalleryRecord) -> list[Sealed]:
    """All clustering runs and edits, and the quality that they asked of cores."""
    mine = cluster_run.c.gallery_id == gallery.id
    asked = select(*core_quality.c).join_from(core_quality, cluster_run).where(mine)
    return [_whole(CLUSTERS, cluster_run, mine), Sealed(CLUSTERS, "core_quality", asked)]


def labels_of_runs(gallery: GalleryRecord, after: int) -> Sealed:
    """The labels of every run with a larger id than this."""
    labels = select(*cluster_label.c).join_from(cluster_label, cluster_run)
    return Sealed(CLUSTERS, "cluster_label", labels.where(cluster_label.c.run_id > after, _of(cluster_run, gallery)))


def labels_of_run(run: int) -> Sealed:
    """The labels of one run."""
    return _whole(CLUSTERS, cluster_label, cluster_label.c.run_id == run)


def decisions(gallery: GalleryRecord) -> list[Sealed]:
    """All that people decided: parties, their members, and what they refused."""
    mine = party.c.gallery_id == gallery.id
    return [
        _whole(CLUSTERS, party, mine),
        Sealed(CLUSTERS, "party_member", select(*party_member.c).join_from(party_member, party).where(mine)),
        Sealed(CLUSTERS, "refusal", select(*refusal.c).join_from(refusal, party).where(mine)),
    ]


def asides(ids: Iterable[int]) -> list[Sealed]:
    """Which of these samples are set aside: of crowds there are many, so never all of them."""
    return [_whole(CLUSTERS, set_aside, set_aside.c.sample_id.in_(portion)) for portion in portions(ids)]


def former(gallery: GalleryRecord) -> Sealed:
    """Identities that no sample bears any more."""
    return _whole(CLUSTERS, former_identity, former_identity.c.gallery_id == gallery.id)


def history(gallery: GalleryRecord, *, after: int = 0) -> list[Sealed]:
    """What was before every decision with a larger id than this."""
    mine = (decision.c.gallery_id == gallery.id) & (decision.c.id > after)
    parts = (decision_sample, decision_aside, decision_refusal, decision_rename)
    return [
        _whole(CLUSTERS, decision, mine),
        *(Sealed(CLUSTERS, one.name, select(*one.c).join_from(one, decision).where(mine)) for one in parts),
    ]


def history_of_undo(gallery: GalleryRecord, made: int) -> list[Sealed]:
    """What the undo of a decision changes of the history: the decision, and names that nobody needs any more."""
    *_, renames = history(gallery)
    return [_whole(CLUSTERS, decision, decision.c.id == made), renames, former(gallery)]


def history_of_samples(gallery: GalleryRecord, ids: Iterable[int]) -> list[Sealed]:
    """What goes of the history with these samples: their own rows, and all that is kept by number."""
    whole, mine, *others = history(gallery)
    of_sample = decision_sample.c.sample_id
    rows = [Sealed(CLUSTERS, mine.table, mine.rows.where(of_sample.in_(portion))) for portion in portions(ids)]
    return [whole, *rows, *others, former(gallery)]


def labels_of_samples(ids: Iterable[int]) -> list[Sealed]:
    """The labels of these samples in every run."""
    return [_whole(CLUSTERS, cluster_label, cluster_label.c.sample_id.in_(portion)) for portion in portions(ids)]


def samples(ids: Iterable[int]) -> list[Sealed]:
    """These samples with vector and crop."""
    return [sealed for portion in portions(ids) for sealed in _samples(t.sample.c.id.in_(portion))]


def images(ids: Iterable[int]) -> list[Sealed]:
    """These images."""
    return [_whole(SAMPLES, t.image, t.image.c.id.in_(portion)) for portion in portions(ids)]


def enrolment(connection: Connection, gallery: GalleryRecord, contents: Iterable[bytes]) -> list[Sealed]:
    """What a batch of images with these contents can add, or take away where they were left out before."""
    newest_sample, newest_identity = (
        connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()
        for table in (t.sample, t.identity)
    )
    seen = (t.image.c.gallery_id == gallery.id, t.image.c.content)
    return [
        *(_whole(SAMPLES, t.image, seen[0] & seen[1].in_(portion)) for portion in portions(contents)),
        *_samples((t.sample.c.id > newest_sample) & _of(t.sample, gallery)),
        _whole(SAMPLES, t.identity, (t.identity.c.id > newest_identity) & _of(t.identity, gallery)),
    ]


def _samples(chosen: ColumnElement[bool]) -> list[Sealed]:
    vectors = select(t.vector.c.sample_id, t.vector.c.crc32).join_from(t.vector, t.sample)
    return [
        _whole(SAMPLES, t.sample, chosen),
        Sealed(SAMPLES, "vector", vectors.where(chosen)),
        Sealed(SAMPLES, "crop", select(*t.crop.c).join_from(t.crop, t.sample).where(chosen)),
        Sealed(SAMPLES, "quality", select(*t.quality.c).join_from(t.quality, t.sample).where(chosen)),
    ]


def _of(table: Table, gallery: GalleryRecord) -> ColumnElement[bool]:
    """Rows of this gallery among few: others may be written meanwhile. By its index SQLite would read them all."""
    mine: ColumnElement[bool] = table.c.gallery_id + 0 == gallery.id
    return mine


def _whole(part: str, table: Table, chosen: Any) -> Sealed:
    return Sealed(part, table.name, select(*table.c).where(chosen))
