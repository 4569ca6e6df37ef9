"""Which folders of a tree are not called after the person they show: dates, what cameras and programs make, events.

A name that could be somebody's is taken for one, and people are called April, Holiday, Beach and Noel: a word for an
event counts where nobody is called so, or beside a year. Whatever it is beside a year of digital photographs, in any
language, is asked about.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from unicodedata import normalize

YEAR = r"(?:18|19|20)\d\d"
MONTH = r"(?:0[1-9]|1[0-2])"
DAY = r"(?:0[1-9]|[12]\d|3[01])"
REST = r"(?:$|[\s._,-].*)"
DATE = re.compile(
    rf"{YEAR}{REST}"  # 2019, 2019-07-14 Beach
    rf"|{YEAR}{MONTH}(?:{DAY})?{REST}"  # 201907, 20190714 Beach
    rf"|\d{{1,2}}[\s._-]{{1,2}}\d{{1,2}}[\s._-]{{1,2}}(?:{YEAR}|\d\d){REST}"  # 14.07.2019
    rf"|{MONTH}[\s._-]{YEAR}{REST}"  # 07-2019
)
CAMERA = re.compile(
    r"[1-9]\d\d(?=\w*[A-Z_])[A-Z0-9_]{5}"  # 100APPLE, 101_PANA: the standard for cameras (DCF)
    r"|(?:IMG|DSC|DSCN|DSCF|PXL|MVI|VID)[_-]?\d+.*"
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split(","))


MADE = _words(  # by cameras and programs, or for what nobody sorted
    "albums,bilder,bildschirmfotos,bursts,camera,camera roll,dcim,diverses,download,downloads,edited,export,"
    "facebook,familie,family,famille,favoriten,favorites,favourites,fotos,friends,google photos,images,immagini,"
    "imágenes,import,imported,inbox,instagram,kamera,messenger,misc,miscellaneous,my pictures,neuer ordner,"
    "new folder,nouveau dossier,nueva carpeta,nuova cartella,originals,others,panoramas,photos,pictures,portraits,"
    "saved pictures,scans,screen shots,screenshots,selfies,sent,signal,snapchat,sonstiges,strangers,takeout,"
    "telegram,telegram images,thumbnails,unbekannt,unknown,unnamed,unsorted,untitled,untitled folder,various,"
    "verschiedenes,videos,whatsapp,whatsapp images"
)
EVENTS = _words(  # that nobody is called
    "anniversaire,anniversary,birthday,cumpleaños,ferien,geburtstag,hochzeit,mariage,navidad,skiurlaub,urlaub,"
    "vacaciones,vacances,vacanze,vacation,wedding,weihnachten"
)
SEASONS = _words(  # and events, that are names of people too: they count beside a year
    "april,august,autumn,beach,camping,carnival,christmas,concert,december,dezember,easter,februar,february,feier,"
    "fest,festival,frühling,graduation,halloween,herbst,holiday,holidays,januar,january,juli,july,juni,june,"
    "karneval,konzert,mai,march,may,märz,noel,noël,november,october,oktober,ostern,party,reise,september,silvester,"
    "ski,sommer,spring,strand,summer,trip,viaje,voyage,winter"
)
NUMBERED = re.compile(r"\s*\(\d+\)$")  # "New folder (2)"
WORDS = re.compile(r"[^\W\d_]+")
LONE_YEAR = re.compile(rf"(?<!\d){YEAR}(?!\d)")
YEAR_OF_PHOTOGRAPHS = re.compile(r"[\s._,(-](?:199[5-9]|20\d\d)(?![-\d])")  # an earlier one may be a birth


@dataclass(frozen=True, slots=True)
class NoName:
    """A folder whose photographs would be labelled with its name, and why that is nobody's."""

    folder: str
    why: str


def not_names(files: Iterable[PurePath]) -> list[NoName]:
    """Of the folders directly above these files those that are not called after a person, in order.

    Paths are relative to the folder that a person gave; files directly in it have no label.
    """
    folders = dict.fromkeys(file.parent for file in files if len(file.parts) > 1)
    above: dict[str, set[PurePath]] = defaultdict(set)
    for folder in folders:
        above[folder.name].add(folder.parent)
    reasons = {folder: _why(folder, folders, above) for folder in folders}
    return [NoName(folder.as_posix(), why) for folder, why in reasons.items() if why]


def _why(folder: PurePath, folders: Mapping[PurePath, None], above: Mapping[str, set[PurePath]]) -> str | None:
    if said := why_no_name(folder.name):
        return said
    if any(parent in folders for parent in folder.parents):
        return "in a folder that holds photographs itself"
    dated = next((parent.name for parent in folder.parents if is_date(parent.name)), None)
    if dated is not None and len(above[folder.name]) == 1:  # people come again in the next year
        return f"in {dated}, a date"
    return None


def is_date(name: str) -> bool:
    """Whether a folder's name begins with a date or is one."""
    return DATE.fullmatch(name.strip()) is not None


def why_no_name(name: str) -> str | None:
    """Why nobody is called like this folder; None where somebody could be."""
    shown = normalize("NFC", name).strip()
    words = {word.casefold() for word in WORDS.findall(shown)}
    if is_date(shown):
        return "a date"
    if CAMERA.fullmatch(shown) or NUMBERED.sub("", shown).casefold() in MADE:
        return "what cameras and programs call folders"
    if words & EVENTS or (words & SEASONS and LONE_YEAR.search(shown)):
        return "an event"
    if YEAR_OF_PHOTOGRAPHS.search(shown):
        return "a year"
    return None
