"""Goods: created and priced by the station's head, once each, and locked for an order."""

from datetime import date

import pytest
from tortoise.exceptions import IntegrityError

from server.database import db
from server.domain import photos
from server.domain.supermarket import goods
from server.domain.supermarket.goods import Listing
from server.errors import (
    GoodExists,
    GoodNotAvailable,
    HeadRequired,
    NotAllowed,
    NotFound,
    PhotoNotAvailable,
    UseByPassed,
)
from server.models import AuditEntry, Good, StationStatus
from tests.conftest import NOW
from tests.domain.ledger.moving import rows
from tests.domain.supermarket.shelf import give, rice

TODAY, YESTERDAY = date(2026, 3, 10), date(2026, 3, 9)


async def add(city, by="赵站长", station="邻玉社工站", photo_ids=(), **said):
    listing = Listing(city.stations[station].id, **{"name": "菜籽油", "points_price": 80, **said})
    return await goods.create(listing, photo_ids, by=city.staff[by], now=NOW)


async def change(city, good, by="赵站长", photo_ids=None, **changes):
    return await goods.change(good.id, changes, photo_ids, by=city.staff[by], now=NOW)


@db.transaction
async def ordered(good_ids, station):
    return await goods.lock_orderable(good_ids, station.id, TODAY)


@pytest.fixture
def photo(city):
    """A photo that was uploaded and is not used yet."""

    async def upload(name, by="赵站长"):
        return await photos.add(name, owner_id=city.staff[by].person_id, width=8, height=8, now=NOW)

    return upload


async def shown(good):
    return {one.name for one in (await photos.of_subjects([f"good:{good.id}"]))[f"good:{good.id}"]}


async def test_head_creates_a_good_with_limits_and_photos(city, photo):
    picture = await photo("oil")

    made = await add(city, use_by=TODAY, person_month_limit=1, low_stock_pieces=3, photo_ids=[picture.id])

    listed = await Good.get(id=made.id)
    assert (listed.name, listed.points_price, listed.use_by, listed.active) == ("菜籽油", 80, TODAY, True)
    assert (listed.person_month_limit, listed.household_month_limit, listed.low_stock_pieces) == (1, None, 3)
    assert await shown(made) == {"oil"}
    assert (await AuditEntry.get(action="good.listed")).facts["points_price"] == 80


@pytest.mark.parametrize("use_by", [None, date(2026, 12, 31)])
async def test_second_good_of_the_same_name_and_date_is_refused(city, use_by):
    made = await add(city, use_by=use_by)

    with pytest.raises(GoodExists) as refused:
        await add(city, use_by=use_by)

    assert refused.value.details == {"id": made.id}
    await add(city, use_by=date(2027, 1, 1))
    assert await Good.filter(name="菜籽油").count() == 2


async def test_good_past_its_use_by_date_is_refused(city):
    with pytest.raises(UseByPassed):
        await add(city, use_by=YESTERDAY)

    assert await Good.all().count() == 0


@pytest.mark.parametrize(
    ("name", "refusal"), [("陈社工", HeadRequired), ("吴站长", NotAllowed), ("冯科长", NotAllowed)]
)
async def test_good_by_anyone_but_the_head_is_refused(city, name, refusal):
    with pytest.raises(refusal):
        await add(city, by=name)

    assert await Good.all().count() == 0


async def test_photo_of_another_person_is_refused(city, photo):
    strange = await photo("strange", by="吴站长")

    with pytest.raises(PhotoNotAvailable):
        await add(city, photo_ids=[strange.id])

    assert await Good.all().count() == 0


async def test_change_of_price_and_limits_is_audited(city):
    good = await rice(city, person_month_limit=2)

    changed = await change(city, good, points_price=45, person_month_limit=None)

    assert (changed.points_price, changed.person_month_limit) == (45, None)
    assert (await Good.get(id=good.id)).points_price == 45
    noted = await AuditEntry.get(action="good.changed")
    assert noted.facts == {"points_price": 45, "person_month_limit": None}


@pytest.mark.parametrize(
    ("name", "refusal"),
    [("陈社工", HeadRequired), ("吴站长", NotFound), ("冯科长", NotAllowed), ("褚科长", NotFound)],
)
async def test_price_by_anyone_but_the_head_is_refused(city, name, refusal):
    good = await rice(city)

    with pytest.raises(refusal):
        await change(city, good, by=name, points_price=1)

    assert (await Good.get(id=good.id)).points_price == 50


async def test_photos_are_replaced_as_a_whole(city, photo):
    old, kept, new = [await photo(name) for name in ("old", "kept", "new")]
    good = await add(city, photo_ids=[old.id, kept.id])

    await change(city, good, photo_ids=[kept.id, new.id])

    assert await shown(good) == {"kept", "new"}
    assert (await photos.one(old.id)).subject_key is None
    await change(city, good, points_price=9)
    assert await shown(good) == {"kept", "new"}
    await change(city, good, photo_ids=[])
    assert await shown(good) == set()


async def test_orderable_goods_are_locked(city):
    first, second = await rice(city, use_by=TODAY), await rice(city, name="食用油")

    held = await ordered([second.id, first.id, first.id], city.stations["邻玉社工站"])

    assert set(held) == {first.id, second.id}
    assert held[first.id].points_price == 50


@pytest.mark.parametrize("why", [{"active": False}, {"use_by": YESTERDAY}], ids=["off the list", "past"])
async def test_inactive_or_expired_good_cannot_be_ordered(city, why):
    good, fine = await rice(city, **why), await rice(city, name="食用油")

    with pytest.raises(GoodNotAvailable) as refused:
        await ordered([good.id, fine.id], city.stations["邻玉社工站"])

    assert refused.value.details == {"goods": [good.id]}


@pytest.mark.parametrize("status", [StationStatus.SUSPENDED, StationStatus.CLOSING])
async def test_goods_of_a_closed_station_cannot_be_ordered(city, status):
    good, station = await rice(city), city.stations["邻玉社工站"]
    await station.update_from_dict({"status": status}).save()

    with pytest.raises(GoodNotAvailable):
        await ordered([good.id], station)


async def test_goods_of_another_station_are_not_found(city):
    here, there = await rice(city), await rice(city, station="蓝田社工站")

    for unknown in (there.id, 1):
        with pytest.raises(NotFound):
            await ordered([here.id, unknown], city.stations["邻玉社工站"])


async def test_edited_good_changes_no_balance_and_cannot_be_deleted(city):
    good = await rice(city, 10)
    await give(city, good)
    before = await rows()

    await change(city, good, points_price=1, text="新", active=False)
    with pytest.raises(IntegrityError):
        await Good.filter(id=good.id).delete()

    assert await rows() == before
