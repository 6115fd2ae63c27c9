"""The lines of an account for a file, read page by page."""

from server.domain import ledger
from server.domain.ledger import Key, StatementLine

PAGE_SIZE = 500
# The first word of a cause, where the cause is something to show.
SUBJECTS = frozenset({"earning", "order", "service_record", "task"})


async def list_newest(key: Key, *, most: int) -> list[StatementLine]:
    """Return the account's lines with their transfers, newest first, at most `most`."""
    found: list[StatementLine] = []
    before = None
    while len(found) < most:
        page = await ledger.list_entries(key, before=before, limit=min(PAGE_SIZE, most - len(found)))
        if not page:
            break
        found += page
        before = page[-1].number
    return found


def subject_of(line: StatementLine) -> tuple[str, int] | None:
    """Return the kind and id of what moved the amount: an order, a task, a service record or points; else None."""
    kind, _, rest = line.cause.partition(":")
    return (kind, int(rest.partition(":")[0])) if kind in SUBJECTS else None
