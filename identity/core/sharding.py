"""What is known of a database whose vectors lie on several machines."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ShardReport:
    """Which tables are distributed by which column, into how many shards on how many workers.

    `moved` are those of them that were not until now.
    """

    tables: tuple[str, ...]
    column: str
    shards: int
    workers: int
    moved: tuple[str, ...]
