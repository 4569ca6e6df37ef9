"""The JSON documents that every surface speaks: values in, plain dicts out. Nothing heavy is imported here."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

# Documents that changed so that older readers would misread them; every other one is the first.
VERSIONS = {"calibrate": 2, "evaluate": 2, "gallery": 2, "query": 2, "verify": 2}


def document(name: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The document `identity.NAME/VERSION` with these fields; a number that is not finite becomes null."""
    schema = f"identity.{name}/{VERSIONS.get(name, 1)}"
    return {"schema": schema, **{key: _without_infinities(value) for key, value in fields.items()}}


def _without_infinities(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _without_infinities(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_infinities(entry) for entry in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
