"""Everything of the database under one name, for `@db.transaction`, `db.execute` and so on."""

from server.database.batches import Statement, execute_together, statement
from server.database.connection import APPS, SESSION, config, connected, connection, dialect, is_up, sqlite_file
from server.database.errors import duplicate, lost, repeatable
from server.database.statements import (
    execute,
    for_update,
    from_database,
    insert_new,
    insert_or_nothing,
    insert_or_update,
    insert_rows,
    lock_shared,
    placeholders,
    to_database,
    unless_taken,
)
from server.database.transactions import in_transaction, require_transaction, transaction

__all__ = [
    "APPS",
    "SESSION",
    "Statement",
    "config",
    "connected",
    "connection",
    "dialect",
    "duplicate",
    "execute",
    "execute_together",
    "for_update",
    "from_database",
    "in_transaction",
    "insert_new",
    "insert_or_nothing",
    "insert_or_update",
    "insert_rows",
    "is_up",
    "lock_shared",
    "lost",
    "placeholders",
    "repeatable",
    "require_transaction",
    "sqlite_file",
    "statement",
    "to_database",
    "transaction",
    "unless_taken",
]
