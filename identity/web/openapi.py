"""The OpenAPI document: the app's routes, and the types of the documents that they answer with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI

from identity.documents import document

REF = "#/components/schemas/{model}"


def openapi_document(app: FastAPI) -> dict[str, Any]:
    """The whole document, the same for the same routes."""
    from fastapi.openapi.utils import get_openapi

    made = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    schemas = made.setdefault("components", {}).setdefault("schemas", {})
    schemas.update(_document_schemas())
    made["components"]["schemas"] = dict(sorted(schemas.items()))
    made["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    made["security"] = [{"token": []}]
    return made


def _document_schemas() -> dict[str, Any]:
    from pydantic import TypeAdapter

    from identity.documents.faces import FACES
    from identity.documents.problems import ProblemFields
    from identity.documents.schemas import SCHEMAS
    from identity.documents.served import SERVED

    named: Mapping[str, Any] = {**SCHEMAS, **SERVED, **FACES, "problem": ProblemFields}
    inputs = [(name, "serialization", TypeAdapter(fields)) for name, fields in named.items()]
    schemas, shared = TypeAdapter.json_schemas(inputs, ref_template=REF)  # type: ignore[arg-type] # the mode is a literal
    tops = {name: schemas[name, "serialization"] for name in named}
    return {**shared.get("$defs", {}), **{name: _named(name, top) for name, top in tops.items()}}


def _named(name: str, fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of a document with the line that says which it is; a problem has none."""
    if name == "problem":
        return fields
    says = {"schema": {"const": document(name, {})["schema"]}}
    return {"allOf": [fields, {"type": "object", "required": ["schema"], "properties": says}]}
