"""The PostgreSQL side of the store: engine, locking, batches, migrations, forgetting, errors. Needs extra `postgres`."""
