"""The request executor: clients that hang up, work that takes too long, and a full server."""

import asyncio
from functools import partial

import pytest

from server.errors import Busy, OutcomeUnknown
from server.handlers.http.executor import RequestExecutor, Slots
from tests.concurrency import others_run


def work(limit=2, waiting=2, deadline_seconds=60.0) -> RequestExecutor:
    return RequestExecutor(limit=limit, waiting=waiting, deadline_seconds=deadline_seconds)


async def test_work_goes_on_when_the_phone_hangs_up():
    done = asyncio.Event()
    begun = asyncio.Event()

    async def file_need():
        begun.set()
        await asyncio.sleep(0.02)
        done.set()

    request = asyncio.ensure_future(work().run(file_need, changes=True))
    await begun.wait()
    request.cancel()

    await done.wait()
    assert request.cancelled() or await asyncio.wait([request])


async def test_place_is_free_after_work_whose_client_hung_up():
    house, gate = work(limit=1), asyncio.Event()
    request = asyncio.ensure_future(house.run(gate.wait, changes=True))
    await others_run()
    request.cancel()
    await asyncio.sleep(0)
    gate.set()

    async def fine():
        return "fine"

    assert await house.run(fine, changes=False) == "fine"


async def test_full_server_refuses_at_once():
    house, gate = work(limit=1, waiting=1), asyncio.Event()
    inside = asyncio.ensure_future(house.run(gate.wait, changes=False))
    await asyncio.sleep(0)
    in_line = asyncio.ensure_future(house.run(gate.wait, changes=False))
    await others_run()

    with pytest.raises(Busy):
        await house.run(gate.wait, changes=False)

    gate.set()
    await asyncio.gather(inside, in_line)


@pytest.mark.parametrize(("changes", "refusal"), [(False, Busy), (True, OutcomeUnknown)])
async def test_work_past_its_deadline_is_given_up(changes, refusal):
    with pytest.raises(refusal):
        await work(deadline_seconds=0.01).run(asyncio.Event().wait, changes=changes)


async def test_waiting_past_the_deadline_is_refused():
    house, gate = work(limit=1, deadline_seconds=0.05), asyncio.Event()
    inside = asyncio.ensure_future(house.run(asyncio.Event().wait, changes=False))
    await asyncio.sleep(0)

    with pytest.raises(Busy):
        await house.run(gate.wait, changes=False)
    with pytest.raises(Busy):
        await inside


async def test_cancelled_waiters_leave_their_place_in_line():
    house, gate = work(limit=1, waiting=1), asyncio.Event()
    inside = asyncio.ensure_future(house.run(gate.wait, changes=False))
    await asyncio.sleep(0)
    for _ in range(50):
        waiter = asyncio.ensure_future(house.run(gate.wait, changes=False))
        await asyncio.sleep(0)
        waiter.cancel()
        await asyncio.wait([waiter])
    gate.set()
    await inside

    assert await house.run(gate.wait, changes=False)


async def test_errors_come_through():
    async def broken():
        raise KeyError("need")

    with pytest.raises(KeyError):
        await work().run(broken, changes=True)


async def test_stopping_waits_for_running_work():
    house, done = work(), []

    async def file_need():
        await asyncio.sleep(0.05)
        done.append(1)

    request = asyncio.ensure_future(house.run(file_need, changes=True))
    await asyncio.sleep(0)

    assert await house.drain(60) == 0
    assert done == [1]
    await request


async def test_stopping_gives_up_endless_work_and_reports_it():
    house = work(deadline_seconds=60)
    request = asyncio.ensure_future(house.run(asyncio.Event().wait, changes=True))
    await asyncio.sleep(0)

    assert await house.drain(0.01) == 1
    with pytest.raises(OutcomeUnknown):
        await request


async def test_waiting_request_is_refused_as_not_done_on_a_forced_stop():
    house = work(limit=1, deadline_seconds=60)
    inside = asyncio.ensure_future(house.run(asyncio.Event().wait, changes=True))
    await asyncio.sleep(0)
    in_line = asyncio.ensure_future(house.run(asyncio.Event().wait, changes=True))
    await asyncio.sleep(0)

    assert house.give_up() == 1

    with pytest.raises(OutcomeUnknown):
        await inside
    with pytest.raises(Busy):
        await in_line


async def test_plea_is_admitted_to_a_full_queue_and_comes_first():
    house, gate, order = work(limit=1, waiting=1), asyncio.Event(), []
    inside = asyncio.ensure_future(house.run(gate.wait, changes=False))
    await others_run()

    async def note(who):
        order.append(who)

    usual = asyncio.ensure_future(house.run(lambda: note("usual"), changes=False))
    await others_run()
    plea = asyncio.ensure_future(house.run(lambda: note("plea"), changes=True, writer="grandma"))
    await others_run()
    gate.set()

    await asyncio.gather(inside, usual, plea)
    assert order == ["plea", "usual"]


async def test_many_pleas_and_usual_requests_take_turns():
    house, gate, order = work(limit=1, waiting=9), asyncio.Event(), []
    inside = asyncio.ensure_future(house.run(gate.wait, changes=False))
    await others_run()

    async def note(who):
        order.append(who)

    waiting = [
        asyncio.ensure_future(
            house.run(lambda who=who: note(who), changes=True, writer=None if who == "usual" else who)
        )
        for who in ("usual", "usual", "grandma", "grandpa", "aunt")
    ]
    await others_run()
    gate.set()

    await asyncio.gather(inside, *waiting)
    assert order == ["grandma", "usual", "grandpa", "usual", "aunt"]


async def test_flood_of_pleas_by_one_writer_does_not_delay_the_plea_of_another():
    house, gate, order = work(limit=2), asyncio.Event(), []

    async def note(who):
        order.append(who)
        await gate.wait()

    flood = [asyncio.ensure_future(house.run(lambda: note("bot"), changes=True, writer="bot")) for _ in range(50)]
    await others_run()
    assert order == ["bot"]  # one at a time, though two places are free
    grandma = asyncio.ensure_future(house.run(lambda: note("grandma"), changes=True, writer="grandma"))
    await others_run()
    assert order == ["bot", "grandma"]
    gate.set()

    await asyncio.gather(grandma, *flood)
    assert order == ["bot", "grandma", *["bot"] * 49]
    assert not house._slots._pleas


async def test_writers_of_many_pleas_take_turns():
    house, gate, order = work(limit=1), asyncio.Event(), []
    inside = asyncio.ensure_future(house.run(gate.wait, changes=False))
    await others_run()

    async def note(who):
        order.append(who)

    waiting = [
        asyncio.ensure_future(house.run(lambda who=who: note(who), changes=True, writer=who))
        for who in ("bot", "bot", "bot", "grandma", "grandma")
    ]
    await others_run()
    gate.set()

    await asyncio.gather(inside, *waiting)
    assert order == ["bot", "grandma", "bot", "grandma", "bot"]


async def test_cancelled_waiter_with_a_place_passes_it_on():
    house, gate = work(limit=1), asyncio.Event()
    inside = asyncio.ensure_future(house.run(gate.wait, changes=False))
    await others_run()
    first, second = (asyncio.ensure_future(house.run(gate.wait, changes=False)) for _ in range(2))
    await others_run()
    first.cancel()
    gate.set()

    await asyncio.gather(inside, second)
    assert await house.run(gate.wait, changes=False)


@pytest.mark.parametrize("writer", [None, "grandma"])
@pytest.mark.parametrize("cancelled_before", [False, True])
async def test_place_that_frees_in_the_moment_of_a_hang_up_goes_to_the_next(writer, cancelled_before):
    slots = Slots(1)
    await slots.acquire(writer)
    gone, next_one = (asyncio.ensure_future(slots.acquire(writer)) for _ in range(2))
    await others_run()
    # Neither of the two has run on when the other happens.
    release = partial(slots.release, writer)
    for step in (gone.cancel, release) if cancelled_before else (release, gone.cancel):
        step()

    await next_one
    assert gone.cancelled()
    slots.release(writer)
    assert not slots.locked()


async def test_plea_that_waits_is_filed_when_its_phone_hangs_up():
    house, gate, filed = work(limit=1), asyncio.Event(), []
    inside = asyncio.ensure_future(house.run(gate.wait, changes=False))
    await others_run()

    async def file():
        filed.append("plea")

    plea = asyncio.ensure_future(house.run(file, changes=True, writer="grandma"))
    await others_run()
    plea.cancel()
    await others_run()
    gate.set()
    await inside

    assert await house.drain(60) == 0
    assert filed == ["plea"]
    assert not house._slots.locked()


async def test_plea_that_waits_is_refused_as_not_done_on_a_forced_stop():
    house = work(limit=1)
    inside = asyncio.ensure_future(house.run(asyncio.Event().wait, changes=True))
    await others_run()
    plea = asyncio.ensure_future(house.run(asyncio.Event().wait, changes=True, writer="grandma"))
    await others_run()

    assert house.give_up() == 2

    with pytest.raises(OutcomeUnknown):
        await inside
    with pytest.raises(Busy):
        await plea
