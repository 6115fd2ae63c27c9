"""Donations: pieces come to the shelf with thanks to the donor, and can be reversed once."""

from datetime import date, timedelta

import pytest

from server.domain import ledger
from server.domain.pagination import Window
from server.domain.supermarket import donations
from server.errors import (
    AlreadyReversed,
    DonorRequired,
    HeadRequired,
    NotAllowed,
    NotEnoughStock,
    NotFound,
    StockLimit,
    UseByPassed,
)
from server.models import AuditEntry, Donation, Transfer, TransferKind
from tests.conftest import NOW
from tests.domain.ledger.moving import adds_up, rows
from tests.domain.supermarket.shelf import count, give, pieces_of, promise, rice, take_back


async def thanked(good, **window):
    return [one.id for one in (await donations.list_thanks(good.station_id, Window(**window)))[1]]


async def test_donated_pieces_are_on_the_shelf(city):
    good = await rice(city, 0)

    donation = await give(city, good, 100)

    assert await pieces_of(good) == (100, 0)
    moved = await Transfer.get(cause=f"donation:{donation.id}")
    assert (moved.kind, moved.amount, moved.by_id) == (TransferKind.DONATED, 100, city.staff["陈社工"].person_id)
    noted = await AuditEntry.get(action="donation.received")
    assert noted.facts == {"donation": donation.id, "pieces": 100}
    await adds_up()


async def test_donation_beyond_the_stock_limit_is_refused(city):
    good = await rice(city, donations.MAX_PIECES - 3)
    before = await rows()

    with pytest.raises(StockLimit) as refused:
        await give(city, good, 4)

    assert refused.value.details == {"limit": 1_000_000, "left": 3}
    assert await rows() == before
    await give(city, good, 3)
    await count(city, good, 0)
    assert await pieces_of(good) == (0, 0)


async def test_donation_needs_a_donor_or_is_anonymous(city):
    good = await rice(city, 0)
    before = await rows()

    with pytest.raises(DonorRequired):
        await give(city, good, donor="")

    assert await rows() == before
    assert (await give(city, good, donor="", anonymous=True)).donor == ""


async def test_donation_past_the_use_by_date_is_refused(city):
    yesterday = await rice(city, 0, use_by=date(2026, 3, 9))
    today = await rice(city, 0, use_by=date(2026, 3, 10))

    with pytest.raises(UseByPassed):
        await give(city, yesterday)
    await give(city, today)

    assert (await pieces_of(yesterday), await pieces_of(today)) == ((0, 0), (5, 0))


@pytest.mark.parametrize(("name", "refusal"), [("周社工", NotFound), ("冯科长", NotAllowed), ("褚科长", NotFound)])
async def test_donation_or_reversal_by_other_staff_is_refused(city, name, refusal):
    good = await rice(city)
    donation = await give(city, good)

    with pytest.raises(refusal):
        await give(city, good, by=name)
    with pytest.raises(refusal):
        await take_back(city, donation, by=name)


async def test_reversed_donation_leaves_shelf_and_thanks(city):
    good = await rice(city, 2)
    mistake, right = await give(city, good, 50), await give(city, good, 5)

    await take_back(city, mistake)

    assert await pieces_of(good) == (7, 0)
    assert await thanked(good) == [right.id]
    back = await Transfer.get(kind=TransferKind.REVERSAL)
    assert (back.amount, back.note) == (50, "录错了")
    assert back.reverses_id == (await Transfer.get(cause=f"donation:{mistake.id}")).id
    assert (await AuditEntry.get(action="donation.reversed")).facts == {"donation": mistake.id, "reason": "录错了"}
    await adds_up()


async def test_second_reversal_is_refused(city):
    good = await rice(city)
    donation = await give(city, good)
    await take_back(city, donation)
    before = await rows()

    with pytest.raises(AlreadyReversed):
        await take_back(city, donation)

    assert await rows() == before


async def test_reversal_by_a_worker_is_refused(city):
    donation = await give(city, await rice(city))

    with pytest.raises(HeadRequired):
        await take_back(city, donation, by="林社工")
    with pytest.raises(NotFound):
        await donations.reverse(1, reason="录错了", by=city.staff["赵站长"], now=NOW)


async def test_reversal_of_pieces_that_are_gone_is_refused(city):
    good = await rice(city, 0)
    donation = await give(city, good, 5)
    await promise(good, 3)
    before = await rows()

    with pytest.raises(NotEnoughStock) as refused:
        await take_back(city, donation)

    assert refused.value.details == {"spendable": 2}
    assert await rows() == before
    assert (await Donation.get(id=donation.id)).reversed_at is None
    assert await thanked(good) == [donation.id]


async def test_thanks_are_listed_newest_first(city):
    good, elsewhere = await rice(city, 0), await rice(city, 0, station="蓝田社工站")
    await give(city, elsewhere, by="周社工")
    given = [await give(city, good, now=NOW + timedelta(minutes=minute // 2)) for minute in range(5)]
    newest_first = sorted(given, key=lambda one: (one.received_at, one.id), reverse=True)

    last, seen = None, []
    while page := await thanked(good, after=last, limit=2):
        seen += page
        one = await Donation.get(id=page[-1])
        last = (one.received_at, one.id)

    assert seen == [one.id for one in newest_first]


async def test_thanks_of_an_unknown_station_are_not_found(city):
    with pytest.raises(NotFound):
        await donations.list_thanks(10**6, Window())


async def test_donations_of_a_good_are_listed_to_its_staff(city):
    good = await rice(city, 0)
    kept, mistake = await give(city, good), await give(city, good, anonymous=True)
    await take_back(city, mistake)

    for name in ("陈社工", "冯科长", "卫处长"):
        seen = await donations.list_for_good(good.id, city.staff[name], Window())
        assert {one.id for one in seen} == {kept.id, mistake.id}
    with pytest.raises(NotFound):
        await donations.list_for_good(good.id, city.staff["周社工"], Window())
    assert len(await donations.list_for_good(good.id, city.staff["陈社工"], Window(limit=1))) == 1


async def test_edited_or_deleted_donation_changes_no_balance(city):
    good = await rice(city, 0)
    donation = await give(city, good, 5)
    before = await rows()

    await Donation.filter(id=donation.id).update(pieces=500)
    await Donation.filter(id=donation.id).delete()

    assert await rows() == before
    assert (await ledger.audit()).holds
