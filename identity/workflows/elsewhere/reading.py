"""Files on their way to workers and back: shards in order, a bounded number of them begun."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock

from identity.core.errors import KilledWorkersError, UsageError
from identity.core.limits import Limits
from identity.core.shown import bytes_of_name, shown_name
from identity.core.types import Box, Image, SourceImage
from identity.core.workers import Task, Workers
from identity.imaging.folders import ImageFile
from identity.imaging.idx import is_idx_images
from identity.imaging.originals import FileDetail
from identity.imaging.sources import read_file, read_idx
from identity.workflows.elsewhere.shards import ReadFacts, Shard, facts_of, read_shard
from identity.workflows.image_paths import absolute

SHARD_FILES, SHARD_BYTES = 64, 2**23  # of one shard, whichever is reached first
SPARE = 2  # shards that are begun beyond two for each slot
TRIES_ALONE = 2  # others that are not suspected yet may kill the worker of an innocent one
KILLED = "ended the programs that were to read it, one after the other: look at this file, or enroll it here"


@dataclass(frozen=True, slots=True)
class ReadThere:
    """Stands for the pixels of an image that a worker has read."""

    task: Task[list[SourceImage]]
    row: int
    file: FileDetail
    shard: Shard

    def parts(self, _boxes: Sequence[Box]) -> list[Image] | None:
        """None: who describes the image has its own."""
        return None

    def content(self) -> bytes | None:
        """sha256 of shape and all decoded pixels, read here; None where it cannot be read."""
        return self.file.content()

    def anew(self, workers: Workers) -> ReadThere:
        """The same, read again without the others of its shard."""
        alone = self.shard.only(self.row)
        return ReadThere(workers.begin(read_shard, alone), 0, self.file, alone)


@dataclass(frozen=True, slots=True)
class _Begun:
    files: tuple[ImageFile, ...]  # as they were given
    shard: Shard
    task: Task[list[SourceImage]]
    facts: Task[ReadFacts]


@dataclass(frozen=True, slots=True)
class ShardReading:
    """Reads files at workers; `send_images`: from bytes that are read here."""

    workers: Workers
    limits: Limits
    send_images: bool
    alone: Lock = field(default_factory=Lock)  # held while what is suspected to kill workers is tried

    def __call__(self, files: Sequence[ImageFile]) -> Iterator[SourceImage]:
        """The images in order. Those of IDX files have their pixels; others are `ReadThere`, or carry their error.

        Raises `UsageError` where workers do not see the files.
        """
        waiting: deque[_Begun | SourceImage | ImageFile] = deque()
        upcoming = self._begun(files)
        while True:
            while len(waiting) < 2 * self.workers.slots() + SPARE and (one := next(upcoming, None)) is not None:
                waiting.append(one)
            if not waiting:
                return
            first = waiting.popleft()
            match first:
                case _Begun():
                    yield from self._finished(first)
                case ImageFile():
                    yield from read_idx(first, self.limits)
                case _:
                    yield first

    def _begun(self, files: Sequence[ImageFile]) -> Iterator[_Begun | SourceImage | ImageFile]:
        """In order: shards that workers read from now on, IDX files, and images that could not be read."""
        shard: list[ImageFile] = []
        size = 0
        for file in files:
            alone = file if is_idx_images(file.path) else self._refused(file)
            if shard and (alone is not None or len(shard) >= SHARD_FILES or size >= SHARD_BYTES):
                yield self._begin(tuple(shard))
                shard, size = [], 0
            if alone is not None:
                yield alone
                continue
            shard.append(file)
            size += _bytes_of(file.path)
        if shard:
            yield self._begin(tuple(shard))

    def _refused(self, file: ImageFile) -> SourceImage | None:
        """The image with its error, where there is nothing to send."""
        if file.error is not None:
            return file.failed(file.error)
        if self.send_images and not 0 < _bytes_of(file.path) <= self.limits.file_bytes:
            return read_file(file, self.limits)
        return None

    def _begin(self, files: tuple[ImageFile, ...]) -> _Begun:
        there = tuple(replace(file, path=Path(absolute(str(file.path)))) for file in files)
        contents = tuple(file.path.read_bytes() for file in files) if self.send_images else ()
        shard = Shard(there, self.limits, contents)
        task = self.workers.begin(read_shard, shard)
        return _Begun(files, shard, task, self.workers.begin(facts_of, task, urgent=True))

    def _finished(self, begun: _Begun) -> Iterator[SourceImage]:
        try:
            facts = begun.facts.result()
        except KilledWorkersError:
            yield from self._one_by_one(begun.files)
        else:
            yield from self._given(begun, facts)

    def _given(self, begun: _Begun, facts: ReadFacts) -> Iterator[SourceImage]:
        self._require_seen(begun, facts)
        for row, (file, image) in enumerate(zip(begun.files, facts.images, strict=True)):
            yield _as_given(file, image, ReadThere(begun.task, row, FileDetail(file.path, self.limits), begun.shard))

    def _one_by_one(self, files: tuple[ImageFile, ...]) -> Iterator[SourceImage]:
        """Files that were being read when workers were killed, each by itself: the others are innocent."""
        for file in files:
            found = next(filter(None, (self._alone(file) for _ in range(TRIES_ALONE))), None)
            if found is None:
                yield file.failed(f"{shown_name(file.path)} {KILLED}")
            else:
                yield from self._given(*found)

    def _alone(self, file: ImageFile) -> tuple[_Begun, ReadFacts] | None:
        with self.alone, suppress(KilledWorkersError):
            begun = self._begin((file,))
            return begun, begun.facts.result()
        return None

    def _require_seen(self, begun: _Begun, facts: ReadFacts) -> None:
        if self.send_images:
            return
        for file in (begun.files[row] for row in facts.unseen):
            if file.path.exists():
                raise UsageError(
                    f"a worker does not see {shown_name(file.path)}, which is there: share the folder under the same "
                    "path with every worker, or repeat with --send-images"
                )


def _as_given(file: ImageFile, image: SourceImage, there: ReadThere) -> SourceImage:
    """The image under the path that the person gave."""
    path = shown_name(file.path)
    error = image.error and image.error.replace(shown_name(absolute(str(file.path))), path)
    detail = None if error else there
    return replace(image, path=path, path_bytes=bytes_of_name(file.path), error=error, detail=detail)


def _bytes_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
