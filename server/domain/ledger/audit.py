"""The audit: it recomputes everything in the ledger from its entries, while the ledger is in use."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from server.database import db
from server.domain.ledger.transfers import chain_hash

ACCOUNTS_PER_PAGE = 1000
ENTRIES_PER_PAGE = 4000  # a page as one text stays below group_concat_max_len
TRANSFERS_PER_PAGE = 20_000
MAX_FAULTS_SHOWN = 50

Progress = Callable[[int, int], object]


@dataclass
class Report:
    """The result of an audit: how much was checked, and the faults found."""

    accounts: int = 0
    entries: int = 0
    transfers: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not self.faults

    def __str__(self) -> str:
        looked_at = f"{self.accounts:,} accounts, {self.transfers:,} transfers, {self.entries:,} entries"
        if self.holds:
            return f"The ledger holds: {looked_at}."
        return f"THE LEDGER DOES NOT HOLD ({looked_at}): " + " | ".join(self.faults[:MAX_FAULTS_SHOWN])


@dataclass
class _Account:
    """An account as its row states it, and as its entries add up so far."""

    id: int
    owner: str
    unit: str
    balance: int
    entry_count: int
    chain: str
    number: int = 0
    sum: int = 0
    last: str = ""
    fault: str = ""

    def add(self, entry: Sequence[str]) -> None:
        _, number, transfer, amount, balance, moment, chain = entry
        self.number += 1
        self.sum += int(amount)
        facts = (self.id, self.number, int(transfer), int(amount), self.sum)
        self.last = chain_hash(self.last, facts, datetime.fromisoformat(f"{moment}+00:00"))
        if (int(number), int(balance), chain) != (self.number, self.sum, self.last):
            self.fault = self.fault or f"entry {number} is not what was written"

    def check(self) -> str | None:
        stated, found = (self.balance, self.entry_count, self.chain), (self.sum, self.number, self.last)
        if stated != found and not self.fault:
            self.fault = f"says {stated[0]} after {stated[1]} entries, they add up to {found[0]} after {found[1]}"
        return self.fault and f"account {self.id} ({self.owner}, {self.unit}): {self.fault}"


async def audit(progress: Progress = lambda _done, _all: None) -> Report:
    """Recompute every balance, number and hash from the entries, and check transfers, holds and units against them.

    It may run beside everything else; later postings are checked next time. `progress` is called with the number of
    entries checked and the total.
    """
    report = Report()
    total = await _number("SELECT COUNT(*) FROM entry")
    async for page in _accounts():
        async for entry in _entries(page):
            account = page[int(entry[0])]
            # Entries are only added, so those up to the count that was read are all there.
            if account.number < account.entry_count:
                account.add(entry)
                report.entries += 1
        report.accounts += len(page)
        report.faults += [fault for account in page.values() if (fault := account.check())]
        progress(report.entries, max(total, report.entries))
    await _check_transfers(report)
    for statement, words in CHECKS.items():
        report.faults += [words.format(**row) for row in (await db.execute(statement))[1]]
    return report


# Statements that must find no row, and the fault for each row found. Each is one statement, so it sees one moment.
CHECKS = {
    "SELECT unit, SUM(balance) sum FROM account GROUP BY unit HAVING SUM(balance) <> 0": (
        "unit {unit}: all balances add up to {sum}"
    ),
    "SELECT id, owner, balance, held FROM account WHERE held < 0 OR (NOT may_overdraw AND balance < held)": (
        "account {id} ({owner}) is below its floor: {balance}, of which {held} held"
    ),
    "SELECT a.id, a.owner, a.held, COALESCE(SUM(h.amount), 0) sum FROM account a"
    " LEFT JOIN hold h ON h.account_id = a.id AND h.state = 'open'"
    " GROUP BY a.id, a.owner, a.held HAVING a.held <> COALESCE(SUM(h.amount), 0)": (
        "account {id} ({owner}) says {held} held, its open holds add up to {sum}"
    ),
    "SELECT h.id, h.state, h.captured FROM hold h LEFT JOIN transfer t ON t.hold_id = h.id"
    " WHERE h.captured <> COALESCE(t.amount, 0) OR (h.state = 'captured') <> (t.id IS NOT NULL)"
    " OR t.source_id <> h.account_id": "hold {id} ({state}, {captured} captured) is not what was paid out",
    "SELECT t.id FROM transfer t JOIN transfer o ON o.id = t.reverses_id WHERE t.amount <> o.amount"
    " OR t.source_id <> o.target_id OR t.target_id <> o.source_id OR o.reverses_id IS NOT NULL": (
        "transfer {id} does not undo what it reverses"
    ),
}


async def _number(statement: str) -> int:
    _, rows = await db.execute(statement)
    return int(next(iter(dict(rows[0]).values())) or 0)


async def _accounts() -> AsyncIterator[dict[int, _Account]]:
    after = 0
    while True:
        _, rows = await db.execute(
            "SELECT id, owner, unit, balance, entry_count, chain FROM account WHERE id > ? ORDER BY id LIMIT ?",
            [after, ACCOUNTS_PER_PAGE],
        )
        if not rows:
            return
        page = {row["id"]: _Account(**dict(row)) for row in rows}
        after = max(page)
        yield page


async def _entries(accounts: dict[int, _Account]) -> AsyncIterator[Sequence[str]]:
    """Yield the accounts' entries as texts, in the order of account and number."""
    account, number, last = min(accounts), 0, max(accounts)
    read = _page_as_rows if db.dialect() == "sqlite" else _page_as_text
    while True:
        page = await read(account, number, last)
        for entry in page:
            yield entry
        if len(page) < ENTRIES_PER_PAGE:
            return
        account, number = int(page[-1][0]), int(page[-1][1])


PAGE_SQL = (
    "SELECT account_id, number, transfer_id, amount, balance, at, chain FROM entry"
    " WHERE (account_id = ? AND number > ?) OR (account_id > ? AND account_id <= ?) ORDER BY account_id, number LIMIT ?"
)


async def _page_as_rows(account: int, number: int, last: int) -> list[Sequence[str]]:
    _, rows = await db.execute(PAGE_SQL, [account, number, account, last, ENTRIES_PER_PAGE])
    return [[str(value) for value in dict(row).values()] for row in rows]


async def _page_as_text(account: int, number: int, last: int) -> list[Sequence[str]]:
    """Return a page as one text, because the driver takes as long for a row as the check of ten entries."""
    line = "CONCAT_WS('|', account_id, number, transfer_id, amount, balance, at, chain)"
    _, rows = await db.execute(
        f"SELECT GROUP_CONCAT({line} ORDER BY account_id, number SEPARATOR ',') page FROM ({PAGE_SQL}) page",  # noqa: S608
        [account, number, account, last, ENTRIES_PER_PAGE],
    )
    text = rows[0]["page"]
    return [one.split("|") for one in text.split(",")] if text else []


async def _check_transfers(report: Report) -> None:
    """Check that every transfer has exactly two entries, with its amount, accounts, unit and time."""
    after, newest = 0, await _number("SELECT MAX(id) FROM transfer")
    while after < newest:
        upto = after + TRANSFERS_PER_PAGE
        _, rows = await db.execute(WRONG_TRANSFERS_SQL, [after, upto])
        report.faults += [f"transfer {row['id']} is not what its entries say" for row in rows]
        counts = (await db.execute(COUNTS_SQL, [after, upto, after, upto]))[1][0]
        if counts["entries"] != 2 * counts["transfers"]:
            report.faults.append(
                f"transfers {after + 1} to {upto}: {counts['transfers']} have {counts['entries']} entries"
            )
        report.transfers += counts["transfers"]
        after = upto


WRONG_TRANSFERS_SQL = (
    "SELECT t.id FROM transfer t"
    " JOIN account a ON a.id = t.source_id JOIN account b ON b.id = t.target_id"
    " LEFT JOIN entry s ON s.transfer_id = t.id AND s.account_id = t.source_id"
    " LEFT JOIN entry d ON d.transfer_id = t.id AND d.account_id = t.target_id"
    " WHERE t.id > ? AND t.id <= ? AND (s.id IS NULL OR d.id IS NULL OR a.unit <> b.unit"
    " OR s.amount <> -t.amount OR d.amount <> t.amount OR s.at <> t.at OR d.at <> t.at)"
)
COUNTS_SQL = (
    "SELECT (SELECT COUNT(*) FROM transfer WHERE id > ? AND id <= ?) transfers,"
    " (SELECT COUNT(*) FROM entry WHERE transfer_id > ? AND transfer_id <= ?) entries"
)
