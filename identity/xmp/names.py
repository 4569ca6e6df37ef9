"""The names of XMP: namespaces, the prefixes that people know them by, and the properties that carry people."""

from __future__ import annotations

from typing import TypeAlias

Name: TypeAlias = tuple[str, str]  # namespace, and the name in it

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
META = "adobe:ns:meta/"
XML = "http://www.w3.org/XML/1998/namespace"
REGIONS = "http://www.metadataworkinggroup.com/schemas/regions/"
AREA = "http://ns.adobe.com/xmp/sType/Area#"
DIMENSIONS = "http://ns.adobe.com/xap/1.0/sType/Dimensions#"
PHOTO = "http://ns.microsoft.com/photo/1.2/"
PHOTO_INFO = "http://ns.microsoft.com/photo/1.2/t/RegionInfo#"
PHOTO_REGION = "http://ns.microsoft.com/photo/1.2/t/Region#"
OURS = "urn:identity-search:regions/"
PREFIXES = {
    RDF: "rdf", META: "x", XML: "xml", REGIONS: "mwg-rs", AREA: "stArea", DIMENSIONS: "stDim", OURS: "identity",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://ns.adobe.com/lightroom/1.0/": "lr",
    "http://www.digikam.org/ns/1.0/": "digiKam",
    "http://iptc.org/std/Iptc4xmpExt/2008-02-29/": "Iptc4xmpExt",
}  # fmt: skip

SUBJECT: Name = ("http://purl.org/dc/elements/1.1/", "subject")
PERSON_IN_IMAGE: Name = ("http://iptc.org/std/Iptc4xmpExt/2008-02-29/", "PersonInImage")
HIERARCHICAL_SUBJECT: Name = ("http://ns.adobe.com/lightroom/1.0/", "hierarchicalSubject")
TAGS_LIST: Name = ("http://www.digikam.org/ns/1.0/", "TagsList")
REGION_INFO: Name = (REGIONS, "Regions")
PHOTO_REGION_INFO: Name = (PHOTO, "RegionInfo")
