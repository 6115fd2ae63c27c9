"""The steps that a deed shows to staff are those that succeed: in every state, within its caps, with four eyes."""

from datetime import timedelta

import pytest

from miniprogram_contract.points import DeedAction
from server.domain.points import deeds, public_notices
from server.domain.points.deeds import DeedClaim
from server.models import Earning, EarningRule, EarningStatus, Person
from server.models.fields import new_id
from tests import factories
from tests.conftest import NOW
from tests.factories import points
from tests.factories.points import claimed
from tests.shown_steps import Steps, compare, live_together, of_any, phones_of, without_workers

HERE = "邻玉社工站"
MOMENT, DAY = timedelta(microseconds=1), timedelta(days=1)
BODIES = {"approval": None, "refusal": {"reason": "当天没有院坝会"}}
BOTH = {"approval", "refusal"}


@pytest.fixture
async def phones(client, town):
    return await phones_of(client, town)


async def rows_shown(phone):
    """Return the deeds in every state that the person sees, by their ids."""
    pages = [await phone.get(f"/station/deeds?status={status}&limit=50") for status in EarningStatus]
    return {row["id"]: row for page in pages if page.status_code == 200 for row in page.json()["items"]}


async def compared(make, phones):
    async def shown(phone, deed):
        row = (await rows_shown(phone)).get(deed.id)
        return row["allowed_actions"] if row else []

    async def take(phone, deed, step):
        return await phone.post(f"/station/deeds/{deed.id}/{step}", BODIES[step])

    return await compare(Steps(make, shown, take, list(DeedAction)), phones)


async def rule(town, **more):
    """Return a rule of its own for each deed: 5 points, at most 10 a day and 30 a month."""
    return await points.rule(town, title=f"事项{new_id()}", **more)


async def new(town):
    return await claimed(town, await rule(town))


async def entered(town):
    """Return a deed that 林社工 entered for 王奶奶."""
    await new(town)  # by it the station knows her
    of_rule = await rule(town)
    deed = DeedClaim(of_rule.station_id, of_rule.id, "帮邻居买菜", NOW.date())
    return await deeds.enter_at_counter(deed, person_id=town.grandma.id, by=town.staff["林社工"], now=NOW)


async def at_cap_of_day(town):
    """Return a claimed deed of a day on which others have earned all points of the rule since."""
    of_rule = await rule(town)
    last = await claimed(town, of_rule)
    await earned(last, 10, NOW.date())
    return last


async def at_cap_of_month(town):
    last = await claimed(town, await rule(town))
    await earned(last, 30, NOW.date().replace(day=1))
    return last


async def below_cap(town):
    """Return a claimed deed that earns the one point that is left, beside other rules, people and months."""
    last, other = await claimed(town, await rule(town)), await rule(town)
    await earned(last, 9, NOW.date())
    await earned(last, 100, NOW.date().replace(month=2, day=28))
    await earned(last, 100, NOW.date().replace(month=4, day=1))
    await earned(last, 100, NOW.date(), rule_id=other.id)
    await earned(last, 100, NOW.date(), person_id=(await factories.person("李大爷", NOW)).id)
    await earned(last, 100, NOW.date(), status=EarningStatus.REFUSED)
    return last


async def earned(deed, amount, day, **other):
    """Let the rule of the deed have given points for a day."""
    same = {"person_id": deed.person_id, "rule_id": deed.rule_id, "station_id": deed.station_id, "kind": deed.kind}
    facts = same | {"status": EarningStatus.GRANTED, "claimed_at": NOW, "claimed_by_id": deed.person_id} | other
    await Earning.create(cause=f"test:{new_id()}", points=amount, day=day, **facts)


async def of_ended_rule(town):
    deed = await new(town)
    await EarningRule.filter(id=deed.rule_id).update(active=False)
    return deed


async def granted(town):
    return await points.approved(town, await rule(town))


async def waiting(town):
    return await points.approved(town, await rule(town, public_notice=True))


async def listed(town):
    deed = await waiting(town)
    await public_notices.publish(deed.station_id, title="三月积分公示", by=town.staff["赵站长"], now=NOW)
    return await Earning.get(id=deed.id)


async def refused(town):
    deed = await new(town)
    return await deeds.refuse(deed.id, reason="没有院坝会", by=town.staff["陈社工"], now=NOW)


def of_all(steps):
    return dict.fromkeys(("陈社工", "林社工", "赵站长"), steps)


# How a deed is made, and the steps of each reader who has any.
STATES = {
    "claimed": (new, of_all(BOTH)),
    "entered by staff": (entered, {"陈社工": BOTH, "赵站长": BOTH}),
    "at the cap of the day": (at_cap_of_day, of_all({"refusal"})),
    "at the cap of the month": (at_cap_of_month, of_all({"refusal"})),
    "below the caps": (below_cap, of_all(BOTH)),
    "of an ended rule": (of_ended_rule, of_all({"refusal"})),
    "granted": (granted, {}),
    "waiting": (waiting, {}),
    "listed": (listed, {}),
    "refused": (refused, {}),
}


@pytest.mark.parametrize("state", STATES)
async def test_shown_steps_of_a_deed_are_those_that_succeed(town, phones, state):
    make, wanted = STATES[state]

    assert await compared(lambda: make(town), phones) == wanted


@pytest.mark.parametrize("state", ["claimed", "at the cap of the day"])
async def test_steps_are_shown_to_stand_ins_where_nobody_works(town, phones, state):
    make, wanted = STATES[state]

    shown = await compared(without_workers(town, HERE, lambda: make(town)), phones)

    assert shown == dict.fromkeys(("孙站长", "冯科长"), wanted["赵站长"])


async def test_own_deed_shows_no_step(town, phones):
    lin = town.staff["林社工"].person_id

    shown = await compared(lambda: made_by(town, lin), phones)

    assert shown == {"陈社工": BOTH, "赵站长": BOTH}


async def made_by(town, person_id):
    return await claimed(town, await rule(town), by=person_id)


@pytest.mark.parametrize("ago", [None, 30 * DAY, 30 * DAY + MOMENT])
async def test_deed_of_the_household_shows_no_step_for_thirty_days(town, phones, ago):
    left_at = NOW - ago if ago else None
    await live_together(town.grandma.id, town.staff["林社工"].person_id, left_at=left_at)

    shown = await compared(lambda: new(town), phones)

    assert shown == of_any(陈社工=BOTH, 赵站长=BOTH, 林社工=BOTH if ago and ago > 30 * DAY else set())


async def test_page_shows_the_steps_of_each_of_its_deeds(town, phones):
    made = {state: await make(town) for state, (make, _) in STATES.items()}
    li = await Person.create(name="李大爷", created_at=NOW)
    other = await claimed(town, await rule(town), by=li.id)

    rows = await rows_shown(phones["陈社工"])

    shown = {state: set(rows[deed.id]["allowed_actions"]) for state, deed in made.items()}
    assert shown == {state: wanted.get("陈社工", set()) for state, (_, wanted) in STATES.items()}
    assert set(rows[other.id]["allowed_actions"]) == BOTH
