"""What there is: galleries, samples, people and clusters, as the commands that list and show print them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Query, Request, Response

from identity import NotFoundError
from identity.web.answers import answer, documented
from identity.web.bodies import CalibrateBody
from identity.web.parameters import After, First, GalleryName, Limit, SampleId, Somebody
from identity.web.service import Here, Service
from identity.web.versions import versioned

if TYPE_CHECKING:
    from identity import Gallery
    from identity.documents.galleries import ShownGalleryFields

router = APIRouter()
Name = Annotated[str | None, Query(description="Only samples of this identity.", max_length=500)]
Text = Annotated[str | None, Query(description="Only samples with this text in path or identity.", max_length=500)]


@router.get("/galleries", responses=documented("gallery-list"), tags=["galleries"])
def galleries(here: Here) -> Response:
    """List all galleries."""
    from identity.documents.galleries import gallery_list_fields

    return answer("gallery-list", gallery_list_fields(here.home.galleries()))


@router.get("/status", responses=documented("status"), tags=["server"])
def status(here: Here) -> Response:
    """Show where everything is stored, and the state of each gallery."""
    from identity.documents.galleries import status_fields

    return answer("status", status_fields(here.home))


@router.get("/galleries/{gallery}", responses=documented("gallery"), tags=["galleries"])
def gallery(here: Here, gallery: GalleryName, request: Request) -> Response:
    """Show one gallery: what it holds, and what its thresholds promise."""
    opened = here.gallery(gallery)
    return versioned(request, opened, lambda: answer("gallery", shown(here, opened)))


def shown(here: Service, opened: Gallery) -> ShownGalleryFields:
    """What one gallery holds, and what its thresholds promise."""
    from identity.documents.galleries import gallery_fields, shown_gallery_fields

    record = opened.store.gallery
    return shown_gallery_fields(gallery_fields(record, here.home.store.galleries.counts(record)), opened.thresholds())


@router.get("/galleries/{gallery}/rules", responses=documented("rules"), tags=["galleries"])
def rules(here: Here, gallery: GalleryName) -> Response:
    """List the rules that thresholds can be set by, with what each promises and which options it understands."""
    from identity.documents.calibration import rules_fields

    usual = here.gallery(gallery).domain.rule
    return answer("rules", rules_fields(gallery, usual=usual, understood=CalibrateBody.model_fields))


@router.get("/galleries/{gallery}/calibration", responses=documented("calibrate"), tags=["galleries"])
def calibration(here: Here, gallery: GalleryName, request: Request) -> Response:
    """Show every threshold in force, and what it promises."""
    from identity.documents.calibration import calibrate_fields

    opened = here.gallery(gallery)

    def fields() -> Response:
        made, names, counts = opened.calibration(), opened.store.identities(), opened.samples.counts()
        return answer("calibrate", calibrate_fields(gallery, made, names=names, counts=counts))

    return versioned(request, opened, fields)


@router.get("/galleries/{gallery}/samples", responses=documented("samples"), tags=["samples"])
def samples(
    here: Here, gallery: GalleryName, *, identity: Name = None, text: Text = None, limit: Limit = 100, after: After = 0
) -> Response:
    """List stored samples by id, a page at a time; `Link` leads to the next page."""
    from identity.documents.samples import samples_fields

    found = here.gallery(gallery).samples.find(identity=identity, text=text, limit=limit, after=after)
    given = {"identity": identity, "text": text, "limit": limit, "after": found[-1].id if found else after}
    query = urlencode({key: value for key, value in given.items() if value is not None})
    link = f'<{quote(f"/api/v1/galleries/{gallery}/samples")}?{query}>; rel="next"'
    return answer("samples", samples_fields(found), headers={"link": link} if len(found) == limit else None)


@router.get("/galleries/{gallery}/samples/{sample}", responses=documented("samples"), tags=["samples"])
def sample(here: Here, gallery: GalleryName, sample: SampleId) -> Response:
    """Show one sample."""
    from identity.documents.samples import samples_fields

    found = here.gallery(gallery).samples.get([sample])
    if sample not in found:
        raise NotFoundError(f"gallery '{gallery}' has no sample {sample}: see the samples of this gallery")
    return answer("samples", samples_fields(found.values()))


@router.get("/galleries/{gallery}/people", responses=documented("people"), tags=["people"])
def people(here: Here, gallery: GalleryName, request: Request) -> Response:
    """List clusters with their names, largest first, then named people who are in no cluster."""
    from identity.documents.people import people_fields

    opened = here.gallery(gallery)
    return versioned(request, opened, lambda: answer("people", people_fields(gallery, opened.people.list())))


@router.get("/galleries/{gallery}/people/{who}", responses=documented("person"), tags=["people"])
def person(here: Here, gallery: GalleryName, who: Somebody, request: Request) -> Response:
    """Show the samples of a cluster or of a name, and which of them somebody confirmed."""
    from identity.documents.people import person_fields

    opened = here.gallery(gallery)
    return versioned(request, opened, lambda: answer("person", person_fields(gallery, opened.people.show(who))))


@router.get("/galleries/{gallery}/decisions", responses=documented("people-history"), tags=["people"])
def decisions(here: Here, gallery: GalleryName, request: Request) -> Response:
    """List every decision of people, oldest first, undone ones too."""
    from identity.documents.people import people_history_fields

    opened = here.gallery(gallery)
    return versioned(
        request, opened, lambda: answer("people-history", people_history_fields(gallery, opened.people.decisions()))
    )


@router.get("/galleries/{gallery}/suggestions", responses=documented("suggestions"), tags=["people"])
def suggestions(here: Here, gallery: GalleryName, request: Request) -> Response:
    """Say who the unnamed clusters in force probably are."""
    from identity.documents.served import suggestions_fields

    opened = here.gallery(gallery)

    def fields() -> Response:
        return answer("suggestions", suggestions_fields(gallery, opened.people.suggestions()))

    return versioned(request, opened, fields, kept=here.kept)


@router.get("/galleries/{gallery}/clusters", responses=documented("clusters"), tags=["clusters"])
def clusters(
    here: Here, gallery: GalleryName, request: Request, *,
    first: First = 0, limit: Limit = 100, samples: Annotated[int, Query(ge=0, le=1000)] = 100,
) -> Response:  # fmt: skip
    """List the clusters in force, largest first, a page at a time, with the first samples of each."""
    from identity.documents.served import clusters_fields

    opened = here.gallery(gallery)

    def fields() -> Response:
        groups = opened.clusters.groups()
        return answer("clusters", clusters_fields(gallery, groups, first=first, limit=limit, samples=samples))

    return versioned(request, opened, fields)


@router.get("/galleries/{gallery}/clusters/history", responses=documented("cluster-history"), tags=["clusters"])
def history(here: Here, gallery: GalleryName, request: Request) -> Response:
    """List every run with its parameters, and the edits that people made."""
    from identity.documents.clusters import history_fields

    opened = here.gallery(gallery)
    return versioned(
        request, opened, lambda: answer("cluster-history", history_fields(gallery, opened.clusters.history()))
    )
