"""Statements as a file: the lines of an account, read a page at a time."""

from server.domain import ledger
from server.domain.ledger import Key
from server.models import Entry

PAGE = 500


async def newest(key: Key, *, most: int) -> list[Entry]:
    """The account's lines with their transfers, newest first, at most so many."""
    found: list[Entry] = []
    before = None
    while len(found) < most:
        page = await ledger.statement(key, before=before, limit=min(PAGE, most - len(found)))
        if not page:
            break
        found += page
        before = page[-1].number
    return found
