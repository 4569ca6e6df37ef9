"""Which folders are called after people: names are never taken for anything else, dates and cameras are seen."""

from __future__ import annotations

from pathlib import PurePath

import pytest

from identity.core.folder_names import not_names, why_no_name

PEOPLE = (
    "Anna", "Müller, Anna", "Anna Müller", "Aaron_Eckhart", "s1", "n000002", "0000045", "7", "April",
    "May Britt", "Billie Holiday", "Billie_Holiday", "Adam Beach", "Mark Strand", "Noel Gallagher", "Sylvester",
    "Christmas Humphreys", "Easter", "August Macke", "Mai Thi", "June Carter", "Anna 1990",
    "Anna Müller (1912)", "Müller, Anna 1912-1988", "Oma", "Grandpa Joe", "田中 さくら", "Зоя", "محمد", "Jean-Luc",
    "J. R. R. Tolkien", "100 Cent", "MI6", "Storm", "Robin Hood", "Neo_2", "2Pac", "50 Cent", "Anna & Ben",
    "DJ Camera", "Photos Giannis", "19th Duke of Alba", "Rainer Winter", "Summer", "Lee Trip", "Friend of Anna",
    "ID-2019-44",
)  # fmt: skip
OTHERS = (
    "2019", "2019-07-14 Beach", "2019_07", "20190714", "201907", "2019 Ostsee", "14.07.2019", "14-7-19", "07-2019",
    "100APPLE", "101CANON", "100_PANA", "102MSDCF", "DCIM", "Camera", "Camera Roll", "WhatsApp Images", "Screenshots",
    "Urlaub Ostsee", "Отпуск 2019", "京都 2023", "Rome_2018", "Sardegna (2007)",
    "Hochzeit Anna und Ben", "Anna's birthday", "Sommer 2019", "Beach 2018", "Easter-2020", "IMG_0012",
    "New folder", "New folder (2)", "Neuer Ordner (3)", "Favourites", "unknown", "Ima\u0301genes", "1987",
)  # fmt: skip


@pytest.mark.parametrize("name", PEOPLE)
def test_a_name_that_could_be_somebodys_is_taken_for_one(name: str) -> None:
    assert why_no_name(name) is None


@pytest.mark.parametrize("name", OTHERS)
def test_dates_events_and_what_cameras_make_are_nobodys_names(name: str) -> None:
    assert why_no_name(name)


def folders(*files: str) -> dict[str, str]:
    return {one.folder: one.why for one in not_names(PurePath(file) for file in files)}


def test_folders_of_people_however_deep_say_nothing() -> None:
    assert folders("a.jpg", "Anna/1.jpg", "Ben/2.jpg") == {}
    assert folders("train/Anna/1.jpg", "train/Ben/1.jpg", "test/Anna/2.jpg") == {}


def test_what_lies_in_a_date_is_an_event_unless_it_comes_again_elsewhere() -> None:
    assert folders("2019/Ostsee/1.jpg", "2020/Oma/1.jpg", "2019/Oma/2.jpg") == {"2019/Ostsee": "in 2019, a date"}


def test_a_folder_in_a_folder_with_photographs_is_no_name() -> None:
    assert folders("Anna/1.jpg", "Anna/Beach/2.jpg") == {"Anna/Beach": "in a folder that holds photographs itself"}
    assert folders("1.jpg", "Anna/2.jpg") == {}
