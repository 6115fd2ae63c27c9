"""Classify the database's errors: repeat the transaction, database lost, or duplicate key."""

import pymysql
from pymysql.constants import ER
from tortoise.exceptions import BaseORMException, IntegrityError

# Deadlock (1213), lock wait timeout (1205), row changed since the snapshot (1020).
REPEATABLE_CODES = {1213, 1205, 1020}
LOST_ERRORS = (OSError, EOFError, pymysql.err.InterfaceError)
# No space for a row, a temporary file, or a replica's log.
FULL_CODES = {3, 1021, 1114}
LOST_CODES = FULL_CODES | {1040, 1053, 1152, 1184, 1927, 2002, 2003, 2006, 2013, 2014, 2055, 1969, 3024, 1290}
# aiomysql's error for a connection that was closed while connecting, and SQLite's for a full disk.
LOST_TEXTS = ("socket instance", "database or disk is full")


def repeatable(error: BaseException) -> bool:
    """Return whether the database rolled the transaction back and a repetition may succeed."""
    return code(error) in REPEATABLE_CODES or "database is locked" in str(error)


def lost(error: BaseException) -> bool:
    """Return whether the database was out of reach, too slow, or out of space."""
    known_text = any(text in str(error) for text in LOST_TEXTS)
    known_type = isinstance(error, LOST_ERRORS) or isinstance(error.__cause__, LOST_ERRORS)
    return known_text or known_type or code(error) in LOST_CODES


def duplicate(error: IntegrityError) -> bool:
    """Return whether a unique key refused the row, and not a check or a foreign key."""
    return code(error) == ER.DUP_ENTRY or "UNIQUE constraint" in str(error)


def code(error: BaseException) -> int | None:
    """Return MySQL's error code, if there is one."""
    inner = error.args[0] if isinstance(error, BaseORMException) and error.args else error
    found = inner.args[0] if isinstance(inner, pymysql.err.Error) and inner.args else None
    return found if isinstance(found, int) else None
