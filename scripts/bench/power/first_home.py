"""A home as the first version of the schema left it, with a gallery: its upgrade must be whole or not at all."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from sqlalchemy import text

from identity import bootstrap
from identity.settings import Settings
from identity.store import schema
from identity.store.sqlite import engine as sqlite

GALLERY = "INSERT INTO gallery VALUES (1, 'uuid', 'kept', 'digits', 'whole', :space, :dim, 1, '2025-01-01T00:00:00')"


def make_first_home(home: Path, *, package: Path) -> None:
    """Write it; the gallery's model is the one in `package`."""
    home.mkdir()
    bootstrap.SHIPPED = package
    models = bootstrap.model_folder(Settings(home, ""))
    pipeline = bootstrap.load_pipeline(models, "digits", "whole")
    sqlite.prepare(home / "identity.db", timeout_s=1)
    engine = sqlite.engine(home / "identity.db", timeout_s=1)
    with engine.connect().execution_options(**{sqlite.WRITES: True}) as connection, connection.begin():
        settings = schema.config()
        settings.attributes["connection"] = connection
        command.upgrade(settings, "0001")
        connection.execute(text(GALLERY), {"space": pipeline.space, "dim": pipeline.embedder.dim})
    engine.dispose()
