"""Holds: placed at once, resolved exactly once."""

import asyncio
from datetime import timedelta

import pytest

from server.domain import ledger
from server.domain.ledger import Capture, NewHold
from server.errors import (
    AmountExceedsHold,
    DuplicateTransfer,
    HoldExpired,
    HoldResolved,
    NotEnoughPoints,
    NotFound,
    Refusal,
)
from server.models import Hold, HoldState, TransferKind
from tests.conftest import NOW
from tests.domain.ledger.moving import LATER, STATION, adds_up, capture, gift, give, hold, points_of, spendable

GRANDMA, LI = points_of(1), points_of(2)


async def test_amount_on_hold_cannot_be_spent(database):
    await give(100, GRANDMA)

    await hold(80, GRANDMA)

    assert await spendable(GRANDMA) == 20
    with pytest.raises(NotEnoughPoints):
        await ledger.post(gift(21, GRANDMA, LI), now=NOW)
    with pytest.raises(NotEnoughPoints):
        await hold(21, GRANDMA)
    await adds_up()


async def test_hold_is_captured_in_whole(database):
    await give(100, GRANDMA)

    await capture(await hold(80, GRANDMA))

    balance = await ledger.get_balance(GRANDMA)
    assert (balance.balance, balance.held) == (20, 0)
    await adds_up()


async def test_hold_is_captured_in_part_and_the_rest_released(database):
    await give(100, GRANDMA)

    await capture(await hold(80, GRANDMA), 30)

    assert await spendable(GRANDMA) == 70
    await adds_up()


async def test_capture_beyond_the_hold_is_refused(database):
    await give(100, GRANDMA)
    held = await hold(80, GRANDMA)

    with pytest.raises(AmountExceedsHold) as refused:
        await capture(held, 81)

    assert refused.value.details == {"held": 80}
    assert (await ledger.get_balance(GRANDMA)).held == 80


async def test_released_hold_can_be_spent_but_not_captured(database):
    await give(100, GRANDMA)
    held = await hold(80, GRANDMA)

    await ledger.release_holds(held, now=NOW)

    assert await spendable(GRANDMA) == 100
    for again in (capture(held), ledger.release_holds(held, now=NOW)):
        with pytest.raises(HoldResolved) as refused:
            await again
        assert refused.value.details == {"status": "released"}
    await adds_up()


async def test_expired_hold_cannot_be_captured_before_the_job_runs(database):
    await give(100, GRANDMA)
    held = await hold(80, GRANDMA)

    with pytest.raises(HoldExpired):
        await capture(held, now=LATER)
    await ledger.expire_holds(held, now=LATER)

    assert (await Hold.get(id=held)).state == HoldState.EXPIRED
    assert await spendable(GRANDMA) == 100
    await adds_up()


async def test_capture_release_and_expiry_at_once_resolve_once(database):
    for _ in range(3):
        await give(100, GRANDMA)
        before = (await ledger.get_balance(GRANDMA)).balance
        held = await hold(80, GRANDMA)
        last_moment = LATER - timedelta(seconds=1)

        answers = await asyncio.gather(
            *(capture(held, now=last_moment) for _ in range(3)),
            ledger.release_holds(held, now=NOW),
            ledger.expire_holds(held, now=LATER),
            return_exceptions=True,
        )

        refused = [one for one in answers if isinstance(one, Refusal)]
        assert len(refused) == 4
        assert all(isinstance(one, HoldResolved) for one in refused), answers
        after = (await ledger.get_balance(GRANDMA)).balance
        assert after == before - (80 if (await Hold.get(id=held)).state == HoldState.CAPTURED else 0)
        await adds_up()


async def test_holds_of_several_accounts_are_placed_together_or_not_at_all(database):
    await give(100, GRANDMA)
    await give(5, LI)

    with pytest.raises(NotEnoughPoints):
        await ledger.place_holds(NewHold("order:1:a", 80, GRANDMA, LATER), NewHold("order:1:b", 6, LI, LATER), now=NOW)

    assert await Hold.all().count() == 0
    assert await spendable(GRANDMA) == 100


async def test_same_cause_holds_once(database):
    await give(100, GRANDMA)

    first = await hold(60, GRANDMA, "order:1:points")

    assert await hold(60, GRANDMA, "order:1:points") == first
    assert await spendable(GRANDMA) == 40
    with pytest.raises(DuplicateTransfer):
        await hold(61, GRANDMA, "order:1:points")


async def test_holds_are_captured_together_or_not_at_all(database):
    await give(100, GRANDMA)
    first, second = await hold(30, GRANDMA), await hold(30, GRANDMA)
    await ledger.release_holds(second, now=NOW)
    both = [Capture(one, STATION, TransferKind.REDEEMED) for one in (first, second)]

    with pytest.raises(HoldResolved):
        await ledger.capture_holds(*both, now=NOW)

    assert (await Hold.get(id=first)).state == HoldState.OPEN
    assert (await ledger.get_balance(GRANDMA)).balance == 100
    await adds_up()


async def test_unknown_hold_is_not_found(database):
    for verb in (capture(7), ledger.release_holds(7, now=NOW)):
        with pytest.raises(NotFound):
            await verb


async def test_holds_at_once_are_placed_up_to_the_balance(database):
    await give(100, GRANDMA)

    answers = await asyncio.gather(*(hold(30, GRANDMA) for _ in range(12)), return_exceptions=True)

    assert sum(isinstance(one, int) for one in answers) == 3
    assert sum(isinstance(one, NotEnoughPoints) for one in answers) == 9
    await adds_up()
