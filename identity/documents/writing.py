"""Documents as text: JSON in UTF-8, in which a name that is not Unicode is shown escaped."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from identity.documents import document
from identity.documents.text import LONE_SURROGATE, shown_name


def json_text(name: str, fields: Mapping[str, Any], *, indent: int | None = None) -> str:
    """The document `identity.NAME` with these fields."""
    return plain_json(document(name, fields), indent=indent)


def plain_json(made: Mapping[str, Any], *, indent: int | None = None) -> str:
    """A mapping that is a whole document already."""
    text = json.dumps(made, ensure_ascii=False, indent=indent)
    return LONE_SURROGATE.sub(lambda found: json.dumps(shown_name(found[0]))[1:-1], text)
