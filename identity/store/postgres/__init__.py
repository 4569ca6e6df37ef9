"""The PostgreSQL side of the store: engine, batches, migrations, forgetting, errors. It needs the extra `postgres`."""
