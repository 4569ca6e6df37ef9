"""The table of schemas has every document there is, and its types are closed and can be built by pydantic."""

from __future__ import annotations

import math
import subprocess
import sys

import pytest
from pydantic import TypeAdapter, ValidationError

from identity.documents import VERSIONS, document
from identity.documents.schemas import SCHEMAS


def test_every_version_is_of_a_document_in_the_table() -> None:
    assert set(VERSIONS) <= set(SCHEMAS)


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_type_makes_a_json_schema(name: str) -> None:
    made = TypeAdapter(SCHEMAS[name]).json_schema()
    assert made["properties"] if "properties" in made else made["anyOf"]


def test_a_key_too_many_a_key_too_few_and_a_wrong_type_are_refused() -> None:
    right = {"sound": False, "findings": [{"place": "a", "problem": "b", "cure": "c", "mended": False}]}
    wrong = [right | {"more": 1}, {"sound": True}, right | {"sound": 1}, right | {"findings": [{"place": "a"}]}]
    doctor = TypeAdapter(SCHEMAS["doctor"])
    doctor.validate_python(right, strict=True, extra="forbid")
    for one in wrong:
        with pytest.raises(ValidationError):
            doctor.validate_python(one, strict=True, extra="forbid")


def test_what_is_not_finite_is_null_at_every_depth() -> None:
    made = document("query", {"a": math.nan, "b": [{"c": math.inf, 1: 2.5}]})
    assert made == {"schema": "identity.query/2", "a": None, "b": [{"c": None, "1": 2.5}]}


def test_neither_the_documents_nor_the_commands_import_pydantic() -> None:
    code = "import sys, identity.cli.main, identity.documents.schemas; print('pydantic' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"
