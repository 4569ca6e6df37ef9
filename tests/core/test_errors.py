"""What libraries say is told in one line, whatever they say."""

from __future__ import annotations

import pytest

from identity.core.errors import first_line


@pytest.mark.parametrize(
    ("said", "told"), [("", "ValueError"), (" \n", "ValueError"), ("\n a cause \nand a trace", "a cause")]
)
def test_an_error_of_a_library_is_told_in_one_line_even_where_it_says_nothing(said: str, told: str) -> None:
    assert first_line(ValueError(said)) == told
