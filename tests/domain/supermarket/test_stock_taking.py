"""Stock-taking 盘点: the ledger is corrected to the count, never below the pieces on hold."""

from datetime import timedelta

import pytest

from server.domain import ledger
from server.domain.ledger import account_keys
from server.domain.pagination import Window
from server.domain.supermarket import stock_taking
from server.errors import CountBelowHeld, HeadRequired, NotAllowed, NotFound
from server.models import AuditEntry, StockTaking, Transfer, TransferKind
from tests.conftest import NOW
from tests.domain.ledger.moving import adds_up, rows
from tests.domain.supermarket.shelf import count, give, pieces_of, promise, rice, take_back


@pytest.mark.parametrize(("counted", "source_is_shelf"), [(7, True), (13, False)], ids=["missing", "found"])
async def test_difference_is_posted_with_its_reason(city, counted, source_is_shelf):
    good = await rice(city, 10)

    taking = await count(city, good, counted)

    assert await pieces_of(good) == (counted, 0)
    assert (taking.expected_pieces, taking.counted_pieces, taking.counted_by.name) == (10, counted, "赵站长")
    moved = await Transfer.get(cause=f"stock_taking:{taking.id}").select_related("source")
    assert (moved.kind, moved.amount, moved.note) == (TransferKind.COUNTED, 3, "月度盘点")
    assert (moved.source.owner == account_keys.shelf(good.id).owner) is source_is_shelf
    assert (await AuditEntry.get(action="stock.counted")).facts["counted_pieces"] == counted
    await adds_up()


async def test_count_without_a_difference_posts_nothing(city):
    good = await rice(city, 10)
    posted = await Transfer.all().count()

    await count(city, good, 10)

    assert await StockTaking.filter(good_id=good.id, counted_pieces=10, expected_pieces=10).count() == 1
    assert await Transfer.all().count() == posted


async def test_empty_shelf_can_be_counted(city):
    good = await rice(city, 3)

    await count(city, good, 0)

    assert await pieces_of(good) == (0, 0)


async def test_pieces_on_hold_are_counted(city):
    good = await rice(city, 10)
    await promise(good, 4)

    await count(city, good, 9)

    assert await pieces_of(good) == (9, 4)


async def test_count_below_the_pieces_on_hold_is_refused(city):
    good = await rice(city, 10)
    order = await promise(good, 4)
    before = await rows()

    for counted in (3, -1):
        with pytest.raises(CountBelowHeld) as refused:
            await count(city, good, counted)
        assert refused.value.details == {"minimum": 4}
    assert (await rows(), await StockTaking.all().count()) == (before, 0)

    await ledger.release_holds(order, now=NOW)
    await count(city, good, 3)
    assert await pieces_of(good) == (3, 0)


@pytest.mark.parametrize("end", ["released", "expired"])
async def test_order_that_ends_after_a_count_returns_its_pieces(city, end):
    good = await rice(city, 10)
    order = await promise(good, 4)
    await count(city, good, 8)

    later = NOW + timedelta(days=8)
    await (ledger.release_holds(order, now=NOW) if end == "released" else ledger.expire_holds(order, now=later))

    assert await pieces_of(good) == (8, 0)
    assert await promise(good, 8)
    await adds_up()


@pytest.mark.parametrize(
    ("name", "refusal"),
    [("陈社工", HeadRequired), ("周社工", NotFound), ("冯科长", NotAllowed), ("褚科长", NotFound)],
)
async def test_count_by_anyone_but_the_head_is_refused(city, name, refusal):
    good = await rice(city, 10)
    before = await rows()

    with pytest.raises(refusal):
        await count(city, good, 9, by=name)

    assert await rows() == before


async def test_count_of_an_unknown_good_is_not_found(city):
    with pytest.raises(NotFound):
        await stock_taking.count(1, counted_pieces=1, reason="", by=city.staff["赵站长"], now=NOW)


async def test_stock_takings_are_listed_newest_first(city):
    good, other = await rice(city, 10), await rice(city, 10, name="食用油")
    await count(city, other, 9)
    for minute, pieces in enumerate((10, 9, 8)):
        await count(city, good, pieces, now=NOW + timedelta(minutes=minute))

    first = await stock_taking.list_for_good(good.id, city.staff["陈社工"], Window(limit=2))
    below = Window((first[-1].counted_at, first[-1].id))
    rest = await stock_taking.list_for_good(good.id, city.staff["冯科长"], below)

    assert [one.counted_pieces for one in [*first, *rest]] == [8, 9, 10]
    with pytest.raises(NotFound):
        await stock_taking.list_for_good(good.id, city.staff["周社工"], Window())


async def test_statement_of_the_shelf_has_all_movements(city):
    good = await rice(city, 0)
    donation = await give(city, good, 20)
    await count(city, good, 21)
    await take_back(city, donation)
    await give(city, good, 4)

    lines = await stock_taking.list_movements(good.id, city.staff["陈社工"], before=None, limit=10)

    told = [(line.number, line.kind, line.amount, line.balance) for line in lines]
    kind = TransferKind
    assert told == [
        (4, kind.DONATED, 4, 5),
        (3, kind.REVERSAL, -20, 1),
        (2, kind.COUNTED, 1, 21),
        (1, kind.DONATED, 20, 20),
    ]
    below = await stock_taking.list_movements(good.id, city.staff["陈社工"], before=3, limit=1)
    assert [line.number for line in below] == [2]
    with pytest.raises(NotFound):
        await stock_taking.list_movements(good.id, city.staff["周社工"], before=None, limit=10)
