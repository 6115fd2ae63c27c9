"""Balances and statements of minutes and points, as pages and as files."""

import pytest

from miniprogram_contract.statements import KIND_WORDS, StatementEntryKind
from server.adapters.spreadsheet import CONTENT_TYPE
from server.domain import ledger
from server.domain.ledger import MINUTES, POINTS, NewTransfer, account_keys
from server.handlers import statements
from server.models import TransferKind
from tests import factories
from tests.conftest import NOW
from tests.factories.households import household
from tests.factories.timebank import minutes, points
from tests.spreadsheets import cells

OF_PIECES = {TransferKind.DONATED, TransferKind.HANDED_OVER, TransferKind.COUNTED}


@pytest.fixture
async def station(app):
    return (await factories.city(NOW)).stations["邻玉社工站"]


@pytest.fixture
async def li(phone_of, station):
    return await phone_of("xiaoli")


def table(answer):
    """Return the rows of the file below its title."""
    assert answer.headers["content-type"] == CONTENT_TYPE, answer.text
    return cells(answer.content)[1:]


async def test_new_person_reads_zeros_and_an_empty_statement(li):
    assert (await li.get("/timebank/balance")).json() == {
        "minutes": 0, "held": 0, "spendable": 0, "balance_limit": 90_000,
    }  # fmt: skip
    assert (await li.get("/points/balance")).json() == {"points": 0, "held": 0, "spendable": 0}
    for unit in ("timebank", "points"):
        assert (await li.get(f"/{unit}/statement")).json() == {"items": [], "next": None}
        assert len(table(await li.get(f"/{unit}/statement/file"))) == 1


async def test_held_amount_is_not_spendable(li, station):
    await points(50, li.person_id, station, NOW)
    wish = ledger.NewHold("order:7:points", 20, account_keys.person(li.person_id, POINTS), NOW.replace(year=2027))
    await ledger.place_holds(wish, now=NOW)

    assert (await li.get("/points/balance")).json() == {"points": 50, "held": 20, "spendable": 30}


async def test_statement_is_newest_first_with_the_balance_after_each_entry(li, station, phone_of, clock):
    grandma = await phone_of("wangnainai")
    await household(li.person_id, grandma.person_id, now=NOW)
    await minutes(60, li.person_id, station, NOW, note="陪护")
    clock.forward(minutes=5)
    await li.post("/timebank/gifts", {"person_id": grandma.person_id, "minutes": 20})
    await li.post("/timebank/donations", {"station_id": station.id, "minutes": 10})

    lines = (await li.get("/timebank/statement")).json()["items"]

    assert [(one["kind_words"], one["amount"], one["balance"], one["note"]) for one in lines] == [
        ("捐给公益池", -10, 30, "邻玉社工站"),
        ("赠送家人", -20, 40, ""),
        ("志愿服务", 60, 60, "陪护"),
    ]
    assert [one["at"][11:19] for one in lines] == ["10:05:00", "10:05:00", "10:00:00"]
    [hers] = (await grandma.get("/timebank/statement")).json()["items"]
    assert (hers["kind_words"], hers["amount"]) == ("家人赠送", 20)


async def test_pages_have_no_gap_while_new_entries_arrive(li, station):
    for amount in range(1, 6):
        await points(amount, li.person_id, station, NOW)
    first = (await li.get("/points/statement?limit=2")).json()
    await points(99, li.person_id, station, NOW)

    second = (await li.get(f"/points/statement?limit=2&after={first['next']}")).json()
    third = (await li.get(f"/points/statement?limit=2&after={second['next']}")).json()

    amounts = [one["amount"] for page in (first, second, third) for one in page["items"]]
    assert (amounts, third["next"]) == ([5, 4, 3, 2, 1], None)
    assert [one["kind_words"] for one in first["items"]] == ["积分事项", "积分事项"]


async def test_minutes_and_points_have_separate_private_statements(li, station, phone_of):
    await minutes(60, li.person_id, station, NOW)
    await points(7, li.person_id, station, NOW)
    stranger = await phone_of("luren")

    for unit, amount in (("timebank", 60), ("points", 7)):
        [line] = (await li.get(f"/{unit}/statement")).json()["items"]
        assert line["amount"] == amount
        assert (await stranger.get(f"/{unit}/statement")).json()["items"] == []


async def test_file_has_times_of_shanghai_and_numeric_cells(li, station):
    await minutes(60, li.person_id, station, NOW, note="陪护，买药")
    source, target = account_keys.person(li.person_id, MINUTES), account_keys.issuing(station.id, MINUTES)
    await ledger.post(NewTransfer("task:8:payment", TransferKind.HELP_PAID, 15, source, target), now=NOW)

    answer = await li.get("/timebank/statement/file")

    assert answer.headers["content-disposition"] == 'attachment; filename="timebank-statement.xlsx"'
    assert table(answer) == [
        ["时间", "类型", "变动（分钟）", "余额（分钟）", "说明"],
        ["2026-03-10 10:00:00", "请人帮忙", -15, 45, ""],
        ["2026-03-10 10:00:00", "志愿服务", 60, 60, "陪护，买药"],
    ]


async def test_entry_is_about_the_order_that_took_the_points(li, station):
    wish = ledger.NewHold("order:7:points", 20, account_keys.person(li.person_id, POINTS), NOW.replace(year=2027))
    await points(50, li.person_id, station, NOW)
    [hold_id] = await ledger.place_holds(wish, now=NOW)
    target = account_keys.issuing(station.id, POINTS)
    await ledger.capture_holds(ledger.Capture(hold_id, target, TransferKind.REDEEMED), now=NOW)

    entries = (await li.get("/points/statement")).json()["items"]

    assert entries[0]["reference"] == {"kind": "order", "id": 7}


async def test_incomplete_file_says_so(li, station, monkeypatch):
    monkeypatch.setattr(statements, "FILE_LINES", 2)
    for amount in (1, 2):
        await points(amount, li.person_id, station, NOW)
    whole = table(await li.get("/points/statement/file"))
    await points(3, li.person_id, station, NOW)

    cut = table(await li.get("/points/statement/file"))

    assert [row[2] for row in whole[1:]] == [2, 1]
    assert [row[2] for row in cut[1:3]] == [3, 2]
    assert cut[3:] == [["更早的明细没有列出"]]


async def test_every_transfer_kind_has_chinese_words(li, station):
    assert {one.value for one in TransferKind} - OF_PIECES == set(StatementEntryKind) == set(KIND_WORDS)
    await points(9, li.person_id, station, NOW)
    [given] = await ledger.list_entries(account_keys.person(li.person_id, POINTS), before=None, limit=1)

    await ledger.reverse(given.transfer_id, note="服务记录已撤销", by=None, now=NOW)

    newest = (await li.get("/points/statement")).json()["items"][0]
    assert (newest["kind_words"], newest["amount"], newest["note"]) == ("更正", -9, "服务记录已撤销")


async def test_forged_cursor_is_refused(li):
    for after in ("e30", "W10="):
        answer = await li.get(f"/points/statement?after={after}")
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_input")
