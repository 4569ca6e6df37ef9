"""One gallery's rows as the workflows see them: each method is one transaction over the story that knows how."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from identity.core.calibration import Calibration
from identity.core.followed import FollowedFiles
from identity.core.index_ports import StoredVectors
from identity.core.likeness import LikeCluster
from identity.core.revision import KnownImage, SecondLook
from identity.core.search_state import IndexFiles, SearchState, SearchView
from identity.core.types import GalleryRecord, Ids, Labelled, NewSample, Role, Sample, SeenImage, SourceImage
from identity.store import calibrations as thresholds
from identity.store import enrolment, listing, vector_rows
from identity.store import search_state as searching
from identity.store import seen_images as seen
from identity.store.transactions import Transactions


class SampleStore:
    """`core.ports.GalleryStore` over a database. Every writing method adds 1 to the gallery's `changes`.

    Every method raises `NotFoundError` where it needs the gallery and somebody deleted it meanwhile.
    """

    def __init__(self, transactions: Transactions, gallery: GalleryRecord) -> None:
        self._transactions = transactions
        self._gallery = gallery

    @property
    def gallery(self) -> GalleryRecord:
        """The gallery as it stands now."""
        with self._transactions.read(once=True) as connection:
            return replace(self._gallery, changes=searching.changes_of(connection, self._gallery))

    @property
    def index_files(self) -> IndexFiles:
        """The index files that the database vouches for."""
        from identity.store.index_files import SqlIndexFiles
        return SqlIndexFiles(self._transactions, self._gallery)

    @property
    def followed(self) -> FollowedFiles:
        """The files that its images lie in."""
        from identity.store.followed import SqlFollowedFiles
        return SqlFollowedFiles(self._transactions, self._gallery)

    def get_ready(self) -> None:
        """Let what must come before the first write happen now."""
        self._transactions.get_ready()

    def known_contents(self, contents: Sequence[bytes]) -> set[bytes]:
        """Which of these image contents need no second look; what a rule left out may, under other rules."""
        with self._transactions.read() as connection:
            return enrolment.known_contents(connection, self._gallery, contents)

    def sizes_known_by_pixels(self, *, above: int) -> set[tuple[int, int]]:
        """Width and height of each image of more pixels than that whose content is a digest of its pixels."""
        with self._transactions.read() as connection:
            return enrolment.sizes_known_by_pixels(connection, self._gallery, above=above)

    def add(
        self,
        samples: Sequence[NewSample],
        *,
        skipped: Sequence[tuple[SourceImage, str]] = (),
        again: SecondLook | None = None,
    ) -> Ids:
        """Write one enrolled batch and what a second look changes, whole or not at all; the new ids in order.

        Left out are images that the gallery has by now, repeated boxes, and skipped images that were never decoded.
        Raises `SpaceMismatchError` for vectors of another dimension.
        """
        with self._transactions.write(self._gallery) as connection:
            return enrolment.add(connection, self._gallery, samples, skipped=skipped, again=again)

    def unnamed_clusters(self, ids: Iterable[int]) -> Mapping[int, LikeCluster]:
        """The clusters without a name of which these samples are cores, by sample id, with the eps of the run."""
        from identity.store import cluster_places  # most queries need none of it
        with self._transactions.read() as connection:
            return cluster_places.unnamed_clusters(connection, self._gallery, ids)

    def search_state(self, held: Collection[str] = ()) -> SearchState | None:
        """Snapshot, superseded and later samples; None where no file that is held shows nearly all samples."""
        with self._transactions.read() as connection:
            return searching.search_state(connection, self._gallery, held)

    def search_view(self, held: Collection[str] = (), *, deciding: bool = True, from_table: bool = False) -> SearchView:
        """The search state with thresholds and names, all of one moment; without them where nothing is decided."""
        with self._transactions.read() as connection:
            of_table = searching.table_state(connection, self._gallery) if from_table else None
            state = of_table or searching.search_state(connection, self._gallery, held)
            changes = searching.changes_of(connection, self._gallery)
            if not deciding:
                return SearchView(changes, state)
            calibration = thresholds.calibration(connection, self._gallery)
            return SearchView(changes, state, calibration, listing.identities(connection, self._gallery))

    def vectors(self, ids: Iterable[int]) -> Labelled:
        """Vectors of gallery samples by ascending id; ids that are gone are absent. Raises `StoreError` for damage."""
        with self._transactions.read() as connection:
            return vector_rows.vectors(connection, self._gallery, ids)

    def stored_vectors(self, changes: int) -> StoredVectors:
        """The gallery samples' vectors where they are stored."""
        from identity.store.stored_vectors import SqlStoredVectors
        return SqlStoredVectors(self._transactions, self._gallery, changes)

    def all_vectors(self, role: Role) -> tuple[int, Labelled]:
        """The change counter and all vectors of a role by ascending id. Raises `StoreError` for a damaged one."""
        with self._transactions.read() as connection:
            counter = searching.changes_of(connection, self._gallery)
            return counter, vector_rows.all_vectors(connection, self._gallery, role)

    def count(self, role: Role) -> int:
        """How many samples of a role there are, no vector being read."""
        with self._transactions.read() as connection:
            return vector_rows.count(connection, self._gallery, role)

    def count_people(self) -> tuple[int, int]:
        """How many identities have gallery samples, and how many samples those are; no vector is read."""
        with self._transactions.read() as connection:
            return searching.count_people(connection, self._gallery)

    def identities(self) -> Mapping[int, str]:
        """Identity names by id."""
        with self._transactions.read() as connection:
            return listing.identities(connection, self._gallery)

    def samples(self, ids: Iterable[int]) -> Mapping[int, Sample]:
        """Stored samples by id; ids that are gone are absent."""
        with self._transactions.read() as connection:
            return listing.samples(connection, self._gallery, ids)

    def find(
        self, *, identity: str | None = None, text: str | None = None, limit: int = 100, after: int = 0
    ) -> list[Sample]:
        """Samples by ascending id above `after`, at most `limit`, of an identity, or with `text` in path or name."""
        with self._transactions.read() as connection:
            return listing.find(connection, self._gallery, identity=identity, text=text, limit=limit, after=after)

    def crops(self, ids: Iterable[int]) -> Mapping[int, bytes]:
        """Encoded crops by sample id; samples without one are absent."""
        with self._transactions.read() as connection:
            return listing.crops(connection, self._gallery, ids)

    def skipped_images(self) -> list[tuple[str, int | None, str]]:
        """Path, row and reason of every image that gave no sample, or of which a face was left out."""
        with self._transactions.read() as connection:
            return listing.skipped_images(connection, self._gallery)

    def photographs(self, ids: Iterable[int]) -> Mapping[int, int]:
        """Which image each sample was seen in, by sample id; ids that are gone are absent."""
        with self._transactions.read() as connection:
            return listing.photographs(connection, self._gallery, ids)

    def known_images(self, contents: Sequence[bytes]) -> list[KnownImage]:
        """The images of these contents with their samples."""
        from identity.store import revisions
        with self._transactions.read() as connection:
            return revisions.known_images(connection, self._gallery, contents)

    def seen_images(self, *, after: int = 0, limit: int = 1000) -> list[SeenImage]:
        """At most `limit` images that gave samples, with these, by ascending id above `after`."""
        with self._transactions.read() as connection:
            return seen.seen_images(connection, self._gallery, after=after, limit=limit)

    def images_with(self, contents: Iterable[bytes]) -> list[SeenImage]:
        """The images of these contents that gave samples, with these."""
        with self._transactions.read() as connection:
            return seen.images_with(connection, self._gallery, contents)

    def relabel(self, ids: Sequence[int], identity: str | None) -> int:
        """Give samples another identity (or none); how many changed. The thresholds they leave become stale."""
        from identity.store import decision_record  # a query needs none of it
        with self._transactions.write(self._gallery) as connection:
            return decision_record.relabel(connection, self._gallery, ids, identity)

    def remove(self, ids: Sequence[int]) -> int:
        """Delete samples with vector and crop; how many there were. Their thresholds become stale.

        Images and identities without any sample left go with them. The bytes are in the files until
        `Store.erase_removed`; that it is to be done stands in the store from now on.
        """
        from identity.store import sample_changes
        with self._transactions.write(self._gallery) as connection:
            return sample_changes.remove(connection, self._gallery, ids)

    def calibration(self) -> Calibration | None:
        """The calibration in force."""
        with self._transactions.read() as connection:
            return thresholds.calibration(connection, self._gallery)

    def put_calibration(self, calibration: Calibration) -> None:
        """Replace the calibration in force. Raises `SpaceMismatchError` for one of another space."""
        with self._transactions.write(self._gallery) as connection:
            thresholds.put(connection, self._gallery, calibration)
