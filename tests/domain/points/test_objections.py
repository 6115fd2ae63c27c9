"""Objections 异议: an entry is frozen until uninvolved staff decide."""

from datetime import timedelta

import pytest

from server.domain import ledger
from server.domain.points import earning, objections, public_notices
from server.domain.points.grants import S
from server.errors import (
    AlreadyDecided,
    AlreadyObjected,
    InvolvedInPoints,
    NotAllowed,
    NotFound,
    ObjectionsClosed,
    OwnPoints,
)
from server.models import Earning, Entry, Notice, Objection, PublicNotice, RuleKind
from tests import factories
from tests.conftest import NOW
from tests.factories import points
from tests.factories.points import has


@pytest.fixture
async def line(city):
    """A deed of 王奶奶's, approved by 陈社工 and listed by 赵站长."""
    return await points.listed(city)


async def object_to(city, line, by="周社工", now=NOW):
    return await objections.submit(line.id, reason="当天她不在", by=city.staff[by].person_id, now=now)


async def decide(city, objection, by="林社工", *, upheld, now=NOW):
    return await objections.decide(objection.id, upheld=upheld, decision="已核实", by=city.staff[by], now=now)


async def status_of(line):
    return (await Earning.get(id=line.id)).status


async def test_objection_freezes_the_entry_and_notifies_owner_and_station(city, line):
    await object_to(city, line)

    assert await status_of(line) == S.FROZEN
    assert await Notice.filter(person_id=city.grandma.id, template="points_frozen").count() == 1
    assert await Notice.filter(template="objection_made").count() == 3
    assert await Notice.filter(template="objection_made", person_id=city.staff["周社工"].person_id).count() == 0


async def test_upheld_objection_refuses_the_points(city, line):
    objection = await object_to(city, line)

    decided = await decide(city, objection, upheld=True)

    assert (decided.upheld, decided.decision, await status_of(line)) == (True, "已核实", S.REFUSED)
    assert (await Earning.get(id=line.id)).decision == "已核实"
    assert await Notice.filter(person_id=city.grandma.id, template="points_refused").count() == 1
    await public_notices.end(line.public_notice_id, now=NOW + timedelta(days=30))
    assert await Entry.all().count() == 0


async def test_rejected_objection_lists_the_entry_again(city, line):
    objection = await object_to(city, line)

    await decide(city, objection, upheld=False)

    assert await status_of(line) == S.LISTED
    assert await has(city.grandma.id) == 0
    await public_notices.end(line.public_notice_id, now=NOW + timedelta(days=30))
    assert await has(city.grandma.id) == 5


async def test_rejected_objection_after_the_end_grants_at_once(city, line):
    objection = await object_to(city, line)
    later = NOW + timedelta(days=30)
    await public_notices.end(line.public_notice_id, now=later)

    await decide(city, objection, upheld=False, now=later)

    assert await status_of(line) == S.GRANTED
    assert await has(city.grandma.id) == 5
    assert (await ledger.audit()).holds


async def test_objector_is_notified_of_the_decision(city, line):
    objection = await object_to(city, line)

    await decide(city, objection, upheld=False)

    told = await Notice.get(person_id=city.staff["周社工"].person_id, template="objection_refused")
    assert (told.subject_kind, told.subject_id, "不成立" in told.body) == ("objection", objection.id, True)


async def test_objection_to_own_points_is_refused(city, line):
    with pytest.raises(OwnPoints):
        await objections.submit(line.id, reason="不要了", by=city.grandma.id, now=NOW)
    assert await status_of(line) == S.LISTED


async def test_second_objection_by_a_person_is_refused(city, line):
    objection = await object_to(city, line)
    with pytest.raises(AlreadyObjected):
        await object_to(city, line)
    await decide(city, objection, upheld=False)

    with pytest.raises(AlreadyObjected):
        await object_to(city, line)
    assert await status_of(line) == S.LISTED


async def test_objection_before_or_after_the_notice_is_refused(city, line):
    rule = await points.rule(city, public_notice=True, title="另一项")
    waiting = await points.approved(city, rule)
    notice = await PublicNotice.get()

    with pytest.raises(NotFound):
        await object_to(city, waiting)
    with pytest.raises(ObjectionsClosed):
        await object_to(city, line, now=notice.ends_at)
    await public_notices.end(notice.id, now=notice.ends_at)
    # A server whose clock is behind finds the points already granted.
    with pytest.raises(ObjectionsClosed):
        await object_to(city, line, now=NOW)


async def test_refused_points_are_hidden_from_others(city, line):
    await decide(city, await object_to(city, line), upheld=True)

    with pytest.raises(NotFound):
        await object_to(city, line, by="吴站长")


async def test_entry_with_two_objections_stays_frozen_until_both_are_decided(city, line):
    first, second = await object_to(city, line), await object_to(city, line, by="吴站长")

    await decide(city, first, upheld=False)
    assert await status_of(line) == S.FROZEN
    await decide(city, second, upheld=False)

    assert await status_of(line) == S.LISTED
    assert await Notice.filter(template="points_frozen").count() == 1


async def test_upheld_objection_decides_all_objections_to_the_entry(city, line):
    first, second = await object_to(city, line), await object_to(city, line, by="吴站长")

    await decide(city, first, upheld=True)

    assert await Objection.filter(upheld=True).count() == 2
    assert await Notice.filter(template="objection_upheld").count() == 2
    with pytest.raises(AlreadyDecided):
        await decide(city, second, upheld=False)


async def test_second_decision_is_refused(city, line):
    objection = await object_to(city, line)
    await decide(city, objection, upheld=False)

    with pytest.raises(AlreadyDecided):
        await decide(city, objection, upheld=True)
    assert await status_of(line) == S.LISTED


async def test_decision_by_an_involved_person_is_refused(city, line):
    objection = await object_to(city, line)
    await object_to(city, line, by="赵站长")
    relative = await factories.Person.get(id=city.staff["林社工"].person_id)
    await points.household(city.grandma, relative)

    for name in ("陈社工", "赵站长", "林社工"):
        with pytest.raises(InvolvedInPoints):
            await decide(city, objection, by=name, upheld=False)
    assert await status_of(line) == S.FROZEN


async def test_decision_by_the_earner_is_refused(city):
    rule = await points.rule_with_notice(city)
    line = await points.listed(city, rule, by=city.staff["林社工"].person_id)
    objection = await object_to(city, line)

    with pytest.raises(InvolvedInPoints):
        await decide(city, objection, upheld=False)


async def test_decision_by_another_station_or_by_officers_is_refused(city, line):
    objection = await object_to(city, line)

    for name, refusal in (("周社工", NotFound), ("褚科长", NotFound), ("冯科长", NotAllowed), ("卫处长", NotAllowed)):
        with pytest.raises(refusal):
            await decide(city, objection, by=name, upheld=False)
    with pytest.raises(NotFound):
        await objections.decide(1, upheld=True, decision="", by=city.staff["林社工"], now=NOW)


async def test_reversed_record_ends_its_frozen_entry(city):
    await points.rule(city, RuleKind.HOUR, public_notice=True)
    record = await points.served(city, 60)
    station = city.stations["邻玉社工站"].id
    await public_notices.publish(station, title="公示", by=city.staff["赵站长"], now=NOW)
    objection = await object_to(city, await Earning.get())

    await earning.take_back_for_record(record, by=city.staff["赵站长"].person_id, now=NOW)

    assert await listed(city, "林社工") == []
    with pytest.raises(AlreadyDecided):
        await decide(city, objection, upheld=False)


async def listed(city, name, *, decided=False, after=None):
    return await objections.list_for_staff(city.staff[name], decided=decided, after=after, limit=1)


async def test_staff_list_undecided_objections_oldest_first_and_decided_ones(city, line):
    first = await object_to(city, line)
    second = await object_to(city, line, by="吴站长", now=NOW + timedelta(hours=1))

    assert [one.id for one in await listed(city, "林社工")] == [first.id]
    assert [one.id for one in await listed(city, "冯科长", after=(first.made_at, first.id))] == [second.id]
    assert await listed(city, "周社工") == []
    await decide(city, first, upheld=False)
    assert [one.id for one in await listed(city, "卫处长")] == [second.id]
    assert [one.id for one in await listed(city, "林社工", decided=True)] == [first.id]


async def test_objections_to_own_entries_are_hidden(city):
    rule = await points.rule_with_notice(city)
    await object_to(city, await points.listed(city, rule, by=city.staff["林社工"].person_id))

    assert await listed(city, "林社工") == []
    assert len(await listed(city, "赵站长")) == 1


async def test_own_objections_are_listed_newest_first(city, line):
    rule = await points.rule(city, public_notice=True, title="另一项")
    another = await points.listed(city, rule)
    first = await object_to(city, line)
    second = await object_to(city, another, now=NOW + timedelta(hours=1))
    mine = city.staff["周社工"].person_id

    [newest] = await objections.list_for_person(mine, before=None, limit=1)
    [older] = await objections.list_for_person(mine, before=(newest.made_at, newest.id), limit=1)

    assert [newest.id, older.id] == [second.id, first.id]
    assert await objections.list_for_person(city.grandma.id, before=None, limit=1) == []
