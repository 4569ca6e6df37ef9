"""The shards of a home's galleries as its snapshots: workers hold them in memory, and read them from the database."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from threading import RLock

from identity.core.errors import GalleryChangedError, IndexFileError, StoreError
from identity.core.index_ports import Index, VectorSource
from identity.core.search_state import SearchState, Snapshot
from identity.core.types import GalleryRecord
from identity.core.workers import Workers
from identity.indexes.choice import in_memory
from identity.indexes.combined import Combined
from identity.indexes.snapshot_folder import SnapshotFolder
from identity.workflows.shards import holding
from identity.workflows.shards.plan import ShardPlan
from identity.workflows.shards.remote import RemoteShards, Spreading, ask_all, held_by, load_all

SHARDS_EACH = 4  # of a worker in the beginning: more workers can take some
SHARD_BYTES = 1 << 30  # of vectors, at most: a lost shard is a wait of seconds
TIMES = 20  # that the plan is made where others change the gallery meanwhile


@dataclass(slots=True)
class ShardSnapshots:
    """Implements the port `SnapshotFiles` over workers. Nobody is asked before the first search.

    Files of the same home, from searches without workers, are swept and removed along.
    """

    folder: SnapshotFolder
    connect: Callable[[], AbstractContextManager[Workers]]
    _workers: Workers | None = None
    _open: ExitStack = field(default_factory=ExitStack)
    _lock: RLock = field(default_factory=RLock)

    @property
    def workers(self) -> Workers:
        """Connected when first asked for. Raises `WorkersError` or `UsageError` where that cannot be."""
        with self._lock:
            if self._workers is None:
                self._workers = self._open.enter_context(self.connect())
            return self._workers

    def close(self) -> None:
        """Leave the workers; those of another scheduler keep their shards."""
        with self._lock:
            self._workers = None
            self._open.close()

    def index(self, state: SearchState) -> Index:
        """The whole search set; raises `IndexFileError` where no worker knows the snapshot any more."""
        if state.snapshot is None:
            return in_memory(state.later)
        plan = self._plans(state.snapshot.gallery).get(state.snapshot.token)
        if plan is None:
            raise IndexFileError("no worker holds the gallery's shards any more: run 'identity doctor --rebuild'")
        spreading = Spreading(self.workers, plan)
        shards = RemoteShards(spreading, state.changes, state.superseded, state.snapshot.dim).opened()
        return Combined((shards, in_memory(state.later))) if len(state.later.ids) else shards

    def holds(self, samples: int, *, dim: int) -> bool:  # noqa: ARG002
        """All that the workers' memory takes."""
        return True

    def held(self, gallery: GalleryRecord) -> set[str]:
        """The names of the tokens of which a worker holds something: the rest is loaded when it is searched."""
        return {plan.name for plan in self._plans(gallery.uuid).values()}

    def writing(self, gallery: GalleryRecord) -> AbstractContextManager[None]:
        """A block in which no other process of this home does the same."""
        return self.folder.writing(gallery)

    def take(self, source: VectorSource) -> tuple[int, Snapshot]:
        """Let the workers read the gallery, each its shards; nothing of it comes here."""
        plan, gallery = self._planned(source)
        length = sum(one.length for one in load_all(self.workers, plan).values())
        return plan.changes, Snapshot(plan.token, gallery.uuid, gallery.space, plan.ends[-1], gallery.dim, length)

    def sweep(self, gallery: GalleryRecord, *, keep: Collection[str]) -> None:
        """Let every worker give up what is in force no more, and delete this home's files that are not."""
        self.folder.sweep(gallery, keep=keep)
        ask_all(self.workers, holding.drop, gallery.uuid, sorted(keep), gallery.changes)

    def remove(self, uuid: str) -> None:
        """Let every worker give up the gallery, and delete its files."""
        self.folder.remove(uuid)
        ask_all(self.workers, holding.drop, uuid, [], None)

    def _plans(self, uuid: str) -> dict[str, ShardPlan]:
        return {token: plan for held in held_by(self.workers, uuid).values() for token, plan in held.plans.items()}

    def _planned(self, source: VectorSource) -> tuple[ShardPlan, GalleryRecord]:
        for _ in range(TIMES):
            gallery = source.gallery
            try:
                most = max(1, SHARD_BYTES // (4 * gallery.dim))
                ends = source.stored_vectors(gallery.changes).ends(SHARDS_EACH * len(self.workers.names()), most=most)
            except GalleryChangedError:
                continue
            return ShardPlan(secrets.token_hex(16), gallery.uuid, gallery.changes, ends), gallery
        raise StoreError("other programs change the gallery faster than it can be asked: run the command again later")
