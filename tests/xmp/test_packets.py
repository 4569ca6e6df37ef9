"""XMP from outside is read within bounds, and what is written again says all that it said."""

from __future__ import annotations

import pytest

from identity.xmp.names import SUBJECT
from identity.xmp.packet import Packet
from identity.xmp.regions import face_regions
from identity.xmp.tree import DEEPEST, LARGEST_BYTES, dump, parse

RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
FOREIGN = f"""<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF {RDF}>
 <rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:odd="urn:odd" xmp:Rating="4" odd:a="&lt;&quot;'&#10;">
  <odd:note xml:lang="de">Grüße &amp; Küsse</odd:note>
 </rdf:Description>
 <rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">
  <dc:subject><rdf:Bag><rdf:li>sea</rdf:li><rdf:li>Anna</rdf:li></rdf:Bag></dc:subject>
 </rdf:Description>
</rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>   """  # noqa: E501 (one tag)


def test_what_is_read_and_written_again_is_the_same_and_says_the_same() -> None:
    packet = Packet.read(FOREIGN.encode())
    written = packet.written()
    assert parse(written)[0] == parse(FOREIGN.encode())[0]
    assert Packet.read(written).written() == written
    assert b'xmp:Rating="4"' in written


def test_other_encodings_are_read() -> None:
    text = FOREIGN.replace("<?xpacket", '<?xml version="1.0"?><?xpacket', 1)
    assert parse(text.encode("utf-16"))[0] == parse(FOREIGN.encode())[0]


def test_a_property_is_put_where_it_was_and_no_other_changes() -> None:
    packet = Packet.read(FOREIGN.encode())
    assert packet.texts(SUBJECT) == ["sea", "Anna"]
    packet.put_texts(SUBJECT, ["sea", "Bert"])
    assert Packet.read(packet.written()).texts(SUBJECT) == ["sea", "Bert"]
    packet.put_texts(SUBJECT, [])
    assert "subject" not in packet.written().decode()
    assert "Grüße" in packet.written().decode()


HOSTILE = {
    "entities": '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>',
    "a file from outside": '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>',
    "a document type": "<!DOCTYPE x><x/>",
    "depth": "<x>" * (DEEPEST + 1) + "</x>" * (DEEPEST + 1),
    "many elements": "<x>" + "<y/>" * 200_001 + "</x>",
    "no end": "<x:xmpmeta xmlns:x='adobe:ns:meta/'>",
    "no XML": "\x00\x01\x02",
    "nothing": "",
    "other XML": "<html/>",
    "an encoding that nobody knows": '<?xml version="1.0" encoding="klingon"?><x/>',
    "a prefix of nothing": "<x:xmpmeta/>",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_what_is_hostile_or_no_xmp_is_refused_in_a_few_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"^it |^no |^.*not") as refused:
        Packet.read(text.encode())
    assert len(str(refused.value)) < 200


def test_a_file_that_is_too_large_is_not_looked_at() -> None:
    with pytest.raises(ValueError, match="more than"):
        Packet.read(b" " * (LARGEST_BYTES + 1))


def test_prefixes_that_others_chose_stay_and_clash_with_none() -> None:
    root, prefixes = parse(b'<a:x xmlns:a="urn:one"><b:y xmlns:b="urn:two" xmlns:a="urn:three" a:z="1"/></a:x>')
    text = dump(root, {**prefixes, "urn:three": "a"})
    assert parse(text.encode())[0] == root


MWG = """<rdf:RDF {rdf} xmlns:r="http://www.metadataworkinggroup.com/schemas/regions/"
 xmlns:a="http://ns.adobe.com/xmp/sType/Area#"><rdf:Description><r:Regions rdf:parseType="Resource"><r:RegionList>
 <rdf:Bag>{regions}</rdf:Bag></r:RegionList></r:Regions></rdf:Description></rdf:RDF>"""
AREA = 'a:x="0.5" a:y="0.4" a:w="0.2" a:h="0.4" a:unit="normalized"'
SPELLINGS = {
    "attributes": f'<rdf:li><rdf:Description r:Name="Anna" r:Type="Face"><r:Area {AREA}/></rdf:Description></rdf:li>',
    "elements": '<rdf:li rdf:parseType="Resource"><r:Name>Anna</r:Name><r:Type>Face</r:Type><r:Area '
    'rdf:parseType="Resource"><a:x>0.5</a:x><a:y>0.4</a:y><a:w>0.2</a:w><a:h>0.4</a:h></r:Area></rdf:li>',
    "no type": f'<rdf:li r:Name="Anna"><r:Area {AREA}/></rdf:li>',
}


@pytest.mark.parametrize("region", SPELLINGS.values(), ids=SPELLINGS)
def test_a_region_is_read_in_every_spelling(region: str) -> None:
    (found,) = face_regions(Packet.read(MWG.format(rdf=RDF, regions=region).encode()))
    assert found.name == "Anna"
    assert found.area is not None
    assert [found.area.x1, found.area.y1, found.area.x2, found.area.y2] == pytest.approx([0.4, 0.2, 0.6, 0.6])


@pytest.mark.parametrize("x", ["nan", "inf", "-7", "1e400", "half", ""])
def test_an_area_that_cannot_be_one_is_none(x: str) -> None:
    region = SPELLINGS["attributes"].replace('a:x="0.5"', f'a:x="{x}"')
    (found,) = face_regions(Packet.read(MWG.format(rdf=RDF, regions=region).encode()))
    assert (found.name, found.area) == ("Anna", None)


def test_a_pet_is_no_face_and_more_regions_than_a_crowd_has_are_refused() -> None:
    pet = SPELLINGS["attributes"].replace("Face", "Pet")
    assert face_regions(Packet.read(MWG.format(rdf=RDF, regions=pet).encode())) == []
    with pytest.raises(ValueError, match="regions"):
        face_regions(Packet.read(MWG.format(rdf=RDF, regions=SPELLINGS["no type"] * 1001).encode()))


def test_the_rectangles_of_microsoft_are_read_where_no_other_region_says_the_same() -> None:
    space = "http://ns.microsoft.com/photo/1.2"
    one = '<rdf:li g:Rectangle="0.4, 0.2, 0.2, 0.4" g:PersonDisplayName="Berta"/>'
    packet = f"""<rdf:RDF {RDF} xmlns:p="{space}/" xmlns:i="{space}/t/RegionInfo#" xmlns:g="{space}/t/Region#">
     <rdf:Description><p:RegionInfo rdf:parseType="Resource"><i:Regions><rdf:Bag>{one}</rdf:Bag></i:Regions>
     </p:RegionInfo>{{}}</rdf:Description></rdf:RDF>"""
    (found,) = face_regions(Packet.read(packet.format("").encode()))
    assert (found.name, found.area is not None and round(found.area.x2, 3)) == ("Berta", 0.6)
    inner = MWG.format(rdf=RDF, regions=SPELLINGS["no type"]).split("<rdf:Description>")[1].split("</rdf:Desc")[0]
    names = 'xmlns:r="http://www.metadataworkinggroup.com/schemas/regions/" xmlns:a="http://ns.adobe.com/xmp/sType/Area#"'
    both = packet.format(inner.replace("<r:Regions", f"<r:Regions {names}"))
    assert [one.name for one in face_regions(Packet.read(both.encode()))] == ["Anna"]
