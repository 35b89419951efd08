"""Runs the chain of one file on the connection that the store hands over, inside its transaction."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=context.config.attributes["metadata"],
    version_table="migrations",
    transactional_ddl=False,  # the store's own transaction is around all of it
)
context.run_migrations()
