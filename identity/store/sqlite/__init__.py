"""The SQLite side of the store: engine, locking, backup, migrations, errors."""
