"""Digests of downloads that nobody publishes, kept from the first time on: a file that changes later is refused."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from identity.core.durable import replace_durably
from identity.core.errors import ModelError

PINS = "pins.json"


@dataclass(frozen=True, slots=True)
class Pins:
    """The pins of one model folder, by address."""

    path: Path

    def get(self, address: str) -> str | None:
        """The pinned sha256, or None at first use. Raises `ModelError` where the file is damaged."""
        return self._read().get(address)

    def keep(self, address: str, sha256: str) -> None:
        """Write a pin, whole or not at all."""
        text = json.dumps({**self._read(), address: sha256}, indent=1) + "\n"
        temporary = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        try:
            temporary.write_text(text, encoding="utf-8")
            replace_durably(temporary, self.path)
        except OSError as error:
            raise ModelError(
                f"cannot write {self.path} ({error.strerror}): check the permissions and the free space of its folder"
            ) from error

    def _read(self) -> dict[str, str]:
        if not self.path.exists():
            return {}
        try:
            document = json.loads(self.path.read_text(encoding="utf-8"))
            return {str(address): str(sha256) for address, sha256 in document.items()}
        except (OSError, ValueError, AttributeError) as error:
            raise ModelError(
                f"cannot read {self.path}: delete it; the next downloads record their digests in it again"
            ) from error
