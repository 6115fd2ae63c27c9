"""The caller's minutes and points: balances, and statements as pages and files."""

import csv
import io
import unicodedata
from collections.abc import Iterator, Sequence

from miniprogram_contract.base import Page, PageQuery
from miniprogram_contract.statements import GIVER_WORDS, KIND_WORDS, StatementEntry, StatementEntryKind
from miniprogram_contract.timebank import MinutesBalance, PointsBalance
from server.domain import ledger, statements, timebank
from server.domain.ledger import MINUTES, POINTS, Key, account_keys
from server.domain.working_time import SHANGHAI
from server.handlers.http import Caller, RawResponse, cursor, endpoint
from server.handlers.http.endpoint import RateLimit
from server.models import Entry

FILES = RateLimit(most=20, seconds=60)
FILE_LINES = 10_000
# A spreadsheet takes a cell that begins so for a formula.
FORMULA = frozenset("=+-@＝＋－＠")
CUT = "更早的明细没有列出"


@endpoint("GET", "/timebank/balance", reply=MinutesBalance)
async def get_minutes_balance(caller: Caller) -> MinutesBalance:
    """Show the caller's minutes, and how many can be spent."""
    return await minutes_balance(await ledger.balance(account_keys.person(caller.person_id, MINUTES)))


async def minutes_balance(found: ledger.Balance) -> MinutesBalance:
    most = await timebank.balance_limit()
    return MinutesBalance(minutes=found.balance, held=found.held, spendable=found.spendable, balance_limit=most)


@endpoint("GET", "/timebank/statement", query=PageQuery, reply=Page[StatementEntry])
async def get_minutes_statement(query: PageQuery, caller: Caller) -> Page[StatementEntry]:
    """List what came to the caller's minutes and left them, newest first."""
    return await page_of(account_keys.person(caller.person_id, MINUTES), query)


@endpoint("GET", "/timebank/statement/file", reply=RawResponse, content_type="text/csv", limit=FILES)
async def get_minutes_statement_file(caller: Caller) -> RawResponse:
    """The same as a CSV file, its newest 10,000 lines."""
    return await _file(account_keys.person(caller.person_id, MINUTES), "分钟", "timebank-statement.csv")


@endpoint("GET", "/points/balance", reply=PointsBalance)
async def get_points_balance(caller: Caller) -> PointsBalance:
    """Show the caller's points, and how many can be spent."""
    found = await ledger.balance(account_keys.person(caller.person_id, POINTS))
    return PointsBalance(points=found.balance, held=found.held, spendable=found.spendable)


@endpoint("GET", "/points/statement", query=PageQuery, reply=Page[StatementEntry])
async def get_points_statement(query: PageQuery, caller: Caller) -> Page[StatementEntry]:
    """List what came to the caller's points and left them, newest first."""
    return await page_of(account_keys.person(caller.person_id, POINTS), query)


@endpoint("GET", "/points/statement/file", reply=RawResponse, content_type="text/csv", limit=FILES)
async def get_points_statement_file(caller: Caller) -> RawResponse:
    """The same as a CSV file, its newest 10,000 lines."""
    return await _file(account_keys.person(caller.person_id, POINTS), "积分", "points-statement.csv")


async def page_of(key: Key, query: PageQuery) -> Page[StatementEntry]:
    """Return a page of an account's statement."""
    place = cursor.after(query.after)
    found = await ledger.statement(key, before=place[1] if place else None, limit=query.limit)
    following = cursor.following(found, query.limit, lambda one: (one.at, one.number))
    return Page[StatementEntry](items=[_line(one) for one in found], next=following)


def _line(one: Entry) -> StatementEntry:
    kind = StatementEntryKind(one.transfer.kind)
    words = GIVER_WORDS.get(kind, KIND_WORDS[kind]) if one.amount < 0 else KIND_WORDS[kind]
    return StatementEntry(
        number=one.number,
        at=one.at,
        kind=kind,
        kind_words=words,
        amount=one.amount,
        balance=one.balance,
        note=one.transfer.note,
    )


async def _file(key: Key, unit: str, name: str) -> RawResponse:
    found = await statements.newest(key, most=FILE_LINES + 1)
    header = ("时间", "类型", f"变动（{unit}）", f"余额（{unit}）", "说明")
    written = io.StringIO()
    csv.writer(written).writerows([header, *map(_safe, _rows(found))])
    # Without the mark, spreadsheets take the file for another encoding.
    content = f"\ufeff{written.getvalue()}".encode()
    return RawResponse(content, "text/csv; charset=utf-8", {"Content-Disposition": f'attachment; filename="{name}"'})


def _rows(found: Sequence[Entry]) -> Iterator[tuple[str | int, ...]]:
    for line in map(_line, found[:FILE_LINES]):
        at = line.at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
        yield at, line.kind_words, line.amount, line.balance, line.note
    if len(found) > FILE_LINES:
        yield (CUT,)


def _safe(row: Sequence[str | int]) -> list[str | int]:
    return [f"'{cell}" if isinstance(cell, str) and _might_be_formula(cell) else cell for cell in row]


def _might_be_formula(cell: str) -> bool:
    """Whether the first letter somebody would see is a formula's; some spreadsheets drop those nobody sees."""
    seen = next((letter for letter in cell if unicodedata.category(letter)[0] not in "CZ"), "")
    return seen in FORMULA
