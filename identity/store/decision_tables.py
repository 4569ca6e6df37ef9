"""The tables of what people decided, one decision after another: what was before, so that each can be taken back.

Everything hangs on samples: one that is forgotten leaves every decision. Identities and parties stand here by number
only, for they may be gone and come back; the two names that an undo needs lie in `decision_rename` and
`former_identity`, and go when the last sample does that they could be given back to.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, Text

from identity.store.cluster_tables import refers
from identity.store.tables import Id, metadata, of_gallery

decision = Table(
    "decision",
    metadata,
    Column("id", Id, primary_key=True),
    of_gallery(),
    Column("made_at", Text, nullable=False),
    Column("note", Text, nullable=False),  # the verb; never a name
    refers("run_id", "cluster_run.id", nullable=True),  # the edit of the clusters that followed from it
    Column("refused_from", Id),  # the first refusal that it made
    Column("refused_to", Id),  # the last
    Column("undone_at", Text),
    Index("ix_decision_gallery_id", "gallery_id"),
    Index("ix_decision_run_id", "run_id"),
    sqlite_autoincrement=True,
)

decision_sample = Table(  # a sample that it was about; identities and parties by number, before and after
    "decision_sample",
    metadata,
    refers("decision_id", "decision.id", primary_key=True),
    refers("sample_id", "sample.id", primary_key=True),
    Column("cluster", Id, nullable=False),  # before; -1 is noise
    Column("identity_id", Id),
    Column("identity_after", Id),
    Column("party_id", Id),
    Column("party_at", Text),  # when people made the party of before
    Column("party_after", Id),
    Index("ix_decision_sample_sample_id", "sample_id"),
    Index("ix_decision_sample_identity_id", "identity_id"),
)

decision_refusal = Table(  # a refusal that it took back or gave to another party, as it was
    "decision_refusal",
    metadata,
    refers("decision_id", "decision.id", primary_key=True),
    Column("refusal_id", Id, primary_key=True, autoincrement=False),
    Column("party_id", Id, nullable=False),
    refers("sample_id", "sample.id", nullable=True),
    Column("identity_id", Id),
    Column("decided_at", Text, nullable=False),
    Index("ix_decision_refusal_sample_id", "sample_id"),
)

decision_rename = Table(
    "decision_rename",
    metadata,
    refers("decision_id", "decision.id", primary_key=True),
    Column("identity_id", Id, nullable=False),
    Column("name", Text, nullable=False),  # before
)

former_identity = Table(  # an identity that no sample bears any more, and that an undo would give back
    "former_identity",
    metadata,
    Column("identity_id", Id, primary_key=True, autoincrement=False),
    of_gallery(),
    Column("name", Text, nullable=False),
    Index("ix_former_identity_gallery_id", "gallery_id"),
)
