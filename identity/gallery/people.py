"""Who the clusters are: every answer of a person is kept until it is undone, no run overwrites it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from identity.core.clusters import ClusterEdit, ClusterStore, PastDecision
from identity.core.errors import GalleryChangedError
from identity.core.ports import GalleryStore
from identity.core.watching import Say, nobody

if TYPE_CHECKING:
    from identity.clustering.suggestions import Suggestion
    from identity.core.model import ModelManifest
    from identity.gallery.faces import Faces
    from identity.gallery.listing import Person, PersonSamples
    from identity.gallery.overview import OpenQuestion, Overview
    from identity.workflows.cluster.somebody import Gathering


@dataclass(frozen=True, slots=True)
class People:
    """The people of one gallery. Made by `Gallery.people`. Somebody is meant by a cluster (`c12`) or by a name."""

    samples: GalleryStore
    store: ClusterStore
    model: Callable[[], ModelManifest | None]
    here: Callable[[], Gathering]  # clusters, decisions and names as of now
    seen: int | None = None  # the gallery's change counter that decisions are about; None: whatever is there

    def as_seen(self, changes: int | None) -> People:
        """The same, whose decisions raise `GalleryChangedError` where the gallery was changed since `changes`."""
        return replace(self, seen=changes)

    def list(self) -> tuple[Person, ...]:
        """Clusters with their names, largest first, then the named who are in no cluster."""
        from identity.gallery.listing import people_of
        from identity.workflows.cluster.groups import groups_of

        here = self.here()
        return people_of(here, groups_of(here.state, here.state.labels, here.names))

    def overview(self) -> Overview:
        """Each person and each unnamed cluster once, largest first, and the samples that are with nobody."""
        from identity.gallery.overview import overview_of
        from identity.workflows.cluster.groups import groups_of

        here = self.here()
        return overview_of(here, groups_of(here.state, here.state.labels, here.names))

    def faces(self, who: str) -> Faces:
        """All faces of a cluster or of a name, those that are far from the rest last. Raises `NotFoundError`."""
        from identity.gallery.faces import faces_of

        return faces_of(self.samples, self.here(), who)

    def questions(self) -> tuple[OpenQuestion, ...]:
        """What is worth asking: suggestions, and unconfirmed samples of named clusters; what settles most is first."""
        from identity.gallery.overview import questions_of

        suggested = () if self.here().state.run is None else self.suggestions()
        return questions_of(self.overview(), suggested)

    def show(self, who: str) -> PersonSamples:
        """The samples of a cluster or of a name. Raises `NotFoundError`."""
        from identity.gallery.listing import PersonSamples, PlacedSample

        here = self.here()
        meant = here.find(who)
        held = self.samples.samples(here.ids(meant.rows).tolist())
        labels = dict(zip(here.ids(meant.rows).tolist(), here.state.labels[meant.rows].tolist(), strict=True))
        placed = tuple(PlacedSample(held[i], None if c < 0 else c) for i, c in labels.items() if i in held)
        return PersonSamples(here.names.get(meant.identity), placed)

    def suggestions(self) -> tuple[Suggestion, ...]:
        """Who the unnamed clusters in force probably are. Raises `NotFoundError` where there has been no run."""
        from identity.workflows.cluster.plan import suggestions_in_force

        return suggestions_in_force(self.samples, self.store, self.model())

    def name(self, who: str, new: str, *, say: Say = nobody) -> ClusterEdit:
        """Say who a cluster is, or give somebody another name."""
        from identity.workflows.cluster import edits

        return self._edit(lambda here: edits.name(here, who, new), say)

    def merge(self, who: str | Sequence[str], *, as_name: str | None = None, say: Say = nobody) -> ClusterEdit:
        """Say that they are all one person."""
        from identity.workflows.cluster import edits

        several = [who] if isinstance(who, str) else who  # one name is refused as one, not taken for its letters
        return self._edit(lambda here: edits.merge(here, several, as_name=as_name), say)

    def split(self, who: str, samples: Sequence[int], *, say: Say = nobody) -> ClusterEdit:
        """Say that these samples are one other person."""
        from identity.workflows.cluster import edits

        return self._edit(lambda here: edits.split(here, who, samples), say)

    def reject(self, who: str, samples: Sequence[int], *, say: Say = nobody) -> ClusterEdit:
        """Say that none of these samples is this person."""
        from identity.workflows.cluster import edits

        return self._edit(lambda here: edits.reject(here, who, samples), say)

    def reject_name(self, who: str, name: str, *, say: Say = nobody) -> ClusterEdit:
        """Say that a cluster is not the person of this name."""
        from identity.workflows.cluster import edits

        return self._edit(lambda here: edits.reject_name(here, who, name), say)

    def confirm(self, who: str, samples: Sequence[int] = (), *, say: Say = nobody) -> ClusterEdit:
        """Say that the samples a run put into a named cluster, or some of them, are that person."""
        from identity.workflows.cluster import edits

        return self._edit(lambda here: edits.confirm(here, who, samples), say)

    def decisions(self) -> Sequence[PastDecision]:
        """Every decision of this gallery, oldest first, undone ones too."""
        return self.store.decisions()

    def undo(self, decision: int | None = None, *, say: Say = nobody) -> PastDecision:
        """Take a decision back, the latest where none is said: names, parties, refusals and clusters are as before it.

        Raises `NotFoundError` where there is none, `UsageError` where a later decision has to be undone first.
        """
        from identity.workflows.cluster.plan import retry_if_changed

        def attempt() -> PastDecision:
            changes = self.samples.gallery.changes
            self._require_seen(changes)
            return self.store.undo_decision(decision, changes=changes)

        return retry_if_changed(attempt, say=say)

    def _edit(self, edit_of: Callable[[Gathering], ClusterEdit], say: Say) -> ClusterEdit:
        """Write an edit down; where somebody changed the gallery meanwhile, it is made anew of what is there."""
        from identity.workflows.cluster.plan import retry_if_changed

        def attempt() -> ClusterEdit:
            here = self.here()
            self._require_seen(here.state.changes)
            made = edit_of(here)
            self.store.edit(made, changes=here.state.changes)
            return made

        return retry_if_changed(attempt, say=say)

    def _require_seen(self, changes: int) -> None:
        if self.seen is not None and changes != self.seen:
            name = self.samples.gallery.name
            raise GalleryChangedError(
                f"gallery '{name}' was changed meanwhile, nothing was written: look at it again, then decide"
            )
