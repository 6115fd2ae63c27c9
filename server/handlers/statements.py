"""The caller's minutes and points: balances, and statements as pages and files."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial

from miniprogram_contract.base import Page, PageQuery, Reference, ReferenceKind
from miniprogram_contract.statements import GIVER_WORDS, KIND_WORDS, StatementEntry, StatementEntryKind
from miniprogram_contract.timebank import MinutesBalance, PointsBalance
from server.adapters import Dependencies
from server.adapters.clock import Moment
from server.adapters.spreadsheet import CONTENT_TYPE, Sheet, spreadsheet
from server.domain import ledger, statements, timebank
from server.domain.ledger import MINUTES, POINTS, Key, StatementLine, account_keys
from server.domain.working_time import SHANGHAI
from server.handlers.http import Caller, RawResponse, cursor, endpoint
from server.handlers.http.endpoint import RateLimit

FILES = RateLimit(most=20, seconds=60)
FILE_LINES = 10_000
CUT = "更早的明细没有列出"


@endpoint("GET", "/timebank/balance", reply=MinutesBalance)
async def get_minutes_balance(caller: Caller) -> MinutesBalance:
    """Show the caller's minutes, and how many can be spent."""
    return await minutes_balance(await ledger.get_balance(account_keys.person(caller.person_id, MINUTES)))


async def minutes_balance(found: ledger.Balance) -> MinutesBalance:
    most = await timebank.balance_limit()
    return MinutesBalance(minutes=found.balance, held=found.held, spendable=found.spendable, balance_limit=most)


@endpoint("GET", "/timebank/statement", query=PageQuery, reply=Page[StatementEntry])
async def get_minutes_statement(query: PageQuery, caller: Caller) -> Page[StatementEntry]:
    """List what came to the caller's minutes and left them, newest first."""
    return await statement_page(account_keys.person(caller.person_id, MINUTES), query)


@endpoint("GET", "/timebank/statement/file", reply=RawResponse, content_type=CONTENT_TYPE, limit=FILES)
async def get_minutes_statement_file(caller: Caller, dependencies: Dependencies, now: Moment) -> RawResponse:
    """Return the newest 10,000 entries as an xlsx file. Busy if many files are drawn at once."""
    return await _file(
        account_keys.person(caller.person_id, MINUTES), "分钟", "timebank-statement.xlsx", dependencies, now
    )


@endpoint("GET", "/points/balance", reply=PointsBalance)
async def get_points_balance(caller: Caller) -> PointsBalance:
    """Show the caller's points, and how many can be spent."""
    found = await ledger.get_balance(account_keys.person(caller.person_id, POINTS))
    return PointsBalance(points=found.balance, held=found.held, spendable=found.spendable)


@endpoint("GET", "/points/statement", query=PageQuery, reply=Page[StatementEntry])
async def get_points_statement(query: PageQuery, caller: Caller) -> Page[StatementEntry]:
    """List what came to the caller's points and left them, newest first."""
    return await statement_page(account_keys.person(caller.person_id, POINTS), query)


@endpoint("GET", "/points/statement/file", reply=RawResponse, content_type=CONTENT_TYPE, limit=FILES)
async def get_points_statement_file(caller: Caller, dependencies: Dependencies, now: Moment) -> RawResponse:
    """Return the newest 10,000 entries as an xlsx file. Busy if many files are drawn at once."""
    return await _file(
        account_keys.person(caller.person_id, POINTS), "积分", "points-statement.xlsx", dependencies, now
    )


async def statement_page(key: Key, query: PageQuery) -> Page[StatementEntry]:
    """Return a page of an account's statement."""
    place = cursor.after(query.after)
    found = await ledger.list_entries(key, before=place[1] if place else None, limit=query.limit)
    following = cursor.following(found, query.limit, lambda one: (one.at, one.number))
    return Page[StatementEntry](items=[_statement_entry(one) for one in found], next=following)


def _statement_entry(one: StatementLine) -> StatementEntry:
    kind = StatementEntryKind(one.kind)
    words = GIVER_WORDS.get(kind, KIND_WORDS[kind]) if one.amount < 0 else KIND_WORDS[kind]
    return StatementEntry(
        number=one.number,
        at=one.at,
        kind=kind,
        kind_words=words,
        amount=one.amount,
        balance=one.balance,
        reference=_about(one),
        note=one.note,
    )


def _about(one: StatementLine) -> Reference | None:
    subject = statements.subject_of(one)
    return Reference(kind=ReferenceKind(subject[0]), id=subject[1]) if subject is not None else None


async def _file(key: Key, unit: str, name: str, dependencies: Dependencies, now: datetime) -> RawResponse:
    found = await statements.list_newest(key, most=FILE_LINES + 1)
    columns = (("时间", 20), ("类型", 16), (f"变动（{unit}）", 14), (f"余额（{unit}）", 14), ("说明", 30))
    sheet = Sheet(f"{unit}明细", (f"{unit}明细",), columns, list(_rows(found)), now)
    content = await dependencies.drawing_executor.draw(partial(spreadsheet, sheet))
    return RawResponse(content, CONTENT_TYPE, {"Content-Disposition": f'attachment; filename="{name}"'})


def _rows(found: Sequence[StatementLine]) -> Iterator[tuple[str | int, ...]]:
    for line in map(_statement_entry, found[:FILE_LINES]):
        at = line.at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
        yield at, line.kind_words, line.amount, line.balance, line.note
    if len(found) > FILE_LINES:
        yield (CUT,)
