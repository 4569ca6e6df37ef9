"""The JSON documents that every surface speaks: values in, plain dicts out. Nothing heavy is imported here."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any


def document(name: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The document `identity.NAME/1` with these fields; a number that is not finite becomes null."""
    return {"schema": f"identity.{name}/1", **{key: _finite(value) for key, value in fields.items()}}


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _finite(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(entry) for entry in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
