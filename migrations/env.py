"""Runs the migrations on the connection the program hands over, inside its transaction."""

from alembic import context

from identity.store.schema import all_tables

connection = context.config.attributes.get("connection")
if connection is None:
    raise SystemExit("migrations run when the program opens a database; here, only 'alembic revision' is of use")
context.configure(connection=connection, target_metadata=all_tables(), transactional_ddl=True, render_as_batch=True)
context.run_migrations()
