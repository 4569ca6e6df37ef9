"""The OpenAPI document in docs/ is that of the routes, and the server answers as it says, whatever it is asked."""

from __future__ import annotations

import json

import httpx
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from openapi_file import FILE, current
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from served import TOKEN, Server

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
DOCUMENT = json.loads(FILE.read_text("utf-8"))
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
ASKED = settings(
    max_examples=3, deadline=None, database=None, derandomize=True, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


def test_the_document_in_docs_is_that_of_the_routes() -> None:
    assert current() == FILE.read_text("utf-8"), "run: PYTHONPATH=. python tests/web/openapi_file.py"


def test_the_server_gives_the_document(client: httpx.Client) -> None:
    assert client.get("/openapi.json").json() == DOCUMENT


def test_every_address_says_what_a_problem_looks_like() -> None:
    operations = [one for path in DOCUMENT["paths"].values() for one in path.values()]
    assert len(operations) > 30
    assert all("application/problem+json" in one["responses"]["default"]["content"] for one in operations)


@SCHEMA.exclude(path_regex="/events$").parametrize()
@ASKED
def test_whatever_is_asked_the_answer_is_as_described(case: schemathesis.Case, serving: Server, fuzzed: str) -> None:
    case.headers = {**(case.headers or {}), "Authorization": f"Bearer {TOKEN}", "If-Match": "*"}
    deletes = case.method == "DELETE" and case.path.endswith("{gallery}")
    if "gallery" in (case.path_parameters or {}) and not deletes:
        case.path_parameters["gallery"] = fuzzed  # names that are made up lead nowhere
    case.call_and_validate(base_url=serving.origin, checks=CHECKS, timeout=60)
