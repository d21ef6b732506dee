"""What Alembic runs: the steps, on the connection that `proxy.store.upgrade` opened and locked."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], target_metadata=None, version_table_pk=False)
context.run_migrations()
