"""The audit: everything the ledger says is computed again from its entries, while it is in use."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from server.database import db
from server.domain.ledger.transfers import chained

ACCOUNTS_AT_ONCE = 1000
ENTRIES_AT_ONCE = 4000  # as one text they stay below group_concat_max_len
TRANSFERS_AT_ONCE = 20_000
FAULTS_TOLD = 50

Progress = Callable[[int, int], object]


@dataclass
class Report:
    """What an audit found: how much it looked at, and where something does not add up."""

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
        return f"THE LEDGER DOES NOT HOLD ({looked_at}): " + " | ".join(self.faults[:FAULTS_TOLD])


@dataclass
class _Account:
    """An account as its row says it is, and as its entries say it is so far."""

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
        self.last = chained(self.last, facts, datetime.fromisoformat(f"{moment}+00:00"))
        if (int(number), int(balance), chain) != (self.number, self.sum, self.last):
            self.fault = self.fault or f"entry {number} is not what was written"

    def check(self) -> str | None:
        said, found = (self.balance, self.entry_count, self.chain), (self.sum, self.number, self.last)
        if said != found and not self.fault:
            self.fault = f"says {said[0]} after {said[1]} entries, they add up to {found[0]} after {found[1]}"
        return self.fault and f"account {self.id} ({self.owner}, {self.unit}): {self.fault}"


async def audit(progress: Progress = lambda _done, _all: None) -> Report:
    """Recompute every balance, number and hash from the entries, and compare transfers, holds and units with them.

    May run beside everything else: what is posted meanwhile is looked at next time. `progress` is told how many
    entries were looked at, of how many.
    """
    report = Report()
    total = await _number("SELECT COUNT(*) FROM entry")
    async for page in _accounts():
        async for entry in _entries(page):
            account = page[int(entry[0])]
            # Entries are added only: those up to the count that was read are all there.
            if account.number < account.entry_count:
                account.add(entry)
                report.entries += 1
        report.accounts += len(page)
        report.faults += [fault for account in page.values() if (fault := account.check())]
        progress(report.entries, max(total, report.entries))
    await _check_transfers(report)
    for statement, words in WHOLE.items():
        report.faults += [words.format(**row) for row in (await db.execute(statement))[1]]
    return report


# What must find nothing, and what is said of each row it finds. Each is one statement, and so sees one moment.
WHOLE = {
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
            [after, ACCOUNTS_AT_ONCE],
        )
        if not rows:
            return
        page = {row["id"]: _Account(**dict(row)) for row in rows}
        after = max(page)
        yield page


async def _entries(accounts: dict[int, _Account]) -> AsyncIterator[Sequence[str]]:
    """The accounts' entries as texts, in the order of account and number."""
    account, number, last = min(accounts), 0, max(accounts)
    read = _rows if db.dialect() == "sqlite" else _text
    while True:
        page = await read(account, number, last)
        for entry in page:
            yield entry
        if len(page) < ENTRIES_AT_ONCE:
            return
        account, number = int(page[-1][0]), int(page[-1][1])


PAGE = (
    "SELECT account_id, number, transfer_id, amount, balance, at, chain FROM entry"
    " WHERE (account_id = ? AND number > ?) OR (account_id > ? AND account_id <= ?) ORDER BY account_id, number LIMIT ?"
)


async def _rows(account: int, number: int, last: int) -> list[Sequence[str]]:
    _, rows = await db.execute(PAGE, [account, number, account, last, ENTRIES_AT_ONCE])
    return [[str(value) for value in dict(row).values()] for row in rows]


async def _text(account: int, number: int, last: int) -> list[Sequence[str]]:
    """A page as one text: the driver needs as long for a row as the checking of ten entries takes."""
    line = "CONCAT_WS('|', account_id, number, transfer_id, amount, balance, at, chain)"
    _, rows = await db.execute(
        f"SELECT GROUP_CONCAT({line} ORDER BY account_id, number SEPARATOR ',') page FROM ({PAGE}) page",  # noqa: S608
        [account, number, account, last, ENTRIES_AT_ONCE],
    )
    text = rows[0]["page"]
    return [one.split("|") for one in text.split(",")] if text else []


async def _check_transfers(report: Report) -> None:
    """Every transfer has two entries, of its amount, on its accounts, of one unit, at its time, and no third."""
    after, newest = 0, await _number("SELECT MAX(id) FROM transfer")
    while after < newest:
        upto = after + TRANSFERS_AT_ONCE
        _, rows = await db.execute(CROOKED, [after, upto])
        report.faults += [f"transfer {row['id']} is not what its entries say" for row in rows]
        counts = (await db.execute(COUNTS, [after, upto, after, upto]))[1][0]
        if counts["entries"] != 2 * counts["transfers"]:
            report.faults.append(
                f"transfers {after + 1} to {upto}: {counts['transfers']} have {counts['entries']} entries"
            )
        report.transfers += counts["transfers"]
        after = upto


CROOKED = (
    "SELECT t.id FROM transfer t"
    " JOIN account a ON a.id = t.source_id JOIN account b ON b.id = t.target_id"
    " LEFT JOIN entry s ON s.transfer_id = t.id AND s.account_id = t.source_id"
    " LEFT JOIN entry d ON d.transfer_id = t.id AND d.account_id = t.target_id"
    " WHERE t.id > ? AND t.id <= ? AND (s.id IS NULL OR d.id IS NULL OR a.unit <> b.unit"
    " OR s.amount <> -t.amount OR d.amount <> t.amount OR s.at <> t.at OR d.at <> t.at)"
)
COUNTS = (
    "SELECT (SELECT COUNT(*) FROM transfer WHERE id > ? AND id <= ?) transfers,"
    " (SELECT COUNT(*) FROM entry WHERE transfer_id > ? AND transfer_id <= ?) entries"
)
