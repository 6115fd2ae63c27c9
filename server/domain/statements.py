"""The lines of an account for a file, read page by page."""

from server.domain import ledger
from server.domain.ledger import Key
from server.models import Entry

PAGE = 500


async def newest(key: Key, *, most: int) -> list[Entry]:
    """Return the account's lines with their transfers, newest first, at most `most`."""
    found: list[Entry] = []
    before = None
    while len(found) < most:
        page = await ledger.statement(key, before=before, limit=min(PAGE, most - len(found)))
        if not page:
            break
        found += page
        before = page[-1].number
    return found
