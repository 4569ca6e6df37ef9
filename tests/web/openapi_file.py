"""Writes docs/openapi.json: PYTHONPATH=. python tests/web/openapi_file.py"""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

from identity.web.app import make_app
from identity.web.openapi import openapi_document

FILE = Path(__file__).parents[2] / "docs" / "openapi.json"


def current() -> str:
    """The document of today's routes; no home stands behind them."""
    return json.dumps(openapi_document(make_app(SimpleNamespace())), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(current(), encoding="utf-8")
