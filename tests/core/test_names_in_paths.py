"""A person's name is found in a path in every spelling of it, and nobody else's name is."""

from __future__ import annotations

import os
from unicodedata import normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from identity.core.names_in_paths import NamesInPaths

FORMS = ("NFC", "NFD", "NFKC", "NFKD")
NAMES = st.sampled_from(["Zoë Quillfeather", "Ángström", "李明", "अनिता", "Ярослава", "عائشة", "ὀδυσσεύς", "Straße"])


@pytest.mark.parametrize(
    ("path", "without"),
    [
        ("album/Anna/both.jpg", "album/(forgotten)/both.jpg"),
        ("album/anna.jpg", "album/(forgotten).jpg"),
        ("Anna 2019/IMG_ANNA_1.jpg", "(forgotten)/(forgotten).jpg"),
        ("/home/anna/photos/anna.jpg", "/home/anna/photos/(forgotten).jpg"),
        ("album/.anna", "album/(forgotten)"),
        ("album/Annabel/Joanna.jpg", None),
        ("album/Anna Berg/1.jpg", None),
        ("album/Anna Berg and Anna/1.jpg", "album/(forgotten)/1.jpg"),
    ],
)
def test_a_name_counts_as_words_of_its_own_and_not_in_longer_names(path: str, without: str | None) -> None:
    assert NamesInPaths(["Anna"], others=["Anna Berg", "Ben"]).taken_out(path) == without


def test_a_number_counts_as_a_whole_folder_only() -> None:
    names = NamesInPaths(["7"])
    assert [names.taken_out(path) for path in ("scans/7/7.png", "2017/17/7.png")] == ["scans/(forgotten)/7.png", None]


def test_a_name_in_bytes_that_are_not_utf8_is_found() -> None:
    path = os.fsdecode("Zoë/1.jpg".encode("latin-1"))
    assert NamesInPaths(["Zoë"]).taken_out(path) == "(forgotten)/1.jpg"


@settings(deadline=None)
@given(NAMES, st.sampled_from(FORMS), st.sampled_from((str, str.upper, str.lower, str.title)))
def test_every_form_and_case_of_a_name_is_found_in_folders_and_in_files(name: str, form: str, case: type[str]) -> None:
    written = normalize(form, case(name))
    names = NamesInPaths([name])
    assert names.taken_out(f"album/{written}/1.jpg") == "album/(forgotten)/1.jpg"
    assert names.taken_out(f"album/9 {written}, far.jpg") == "album/(forgotten).jpg"


@settings(deadline=None)
@given(st.text("abcAB.1 _-", min_size=1, max_size=3), st.text("abcAB.1 _-/", max_size=12))
def test_what_has_been_taken_out_is_in_it_no_more(name: str, path: str) -> None:
    names = NamesInPaths([name])
    without = names.taken_out(path)
    assert without is None or names.taken_out(without) is None
