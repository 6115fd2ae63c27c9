"""Appeals against bans, and the staff who decide them."""

from datetime import timedelta

import pytest

from server.domain.volunteers import ban_appeals
from server.errors import AlreadyDecided, AlreadySubmitted, NotBanned, NotFound, OwnDecision
from server.models import AuditEntry, Ban, Role, RoleKind, Station, StationStatus, Volunteer, VolunteerStatus
from tests import factories
from tests.conftest import NOW
from tests.domain.volunteers import volunteering
from tests.domain.volunteers.volunteering import appealed, decide, held, lift, person_of
from tests.factories import volunteers

S = VolunteerStatus
LATER = NOW + timedelta(days=2)


async def waiting(city, by):
    return [one.ban.id for one in await ban_appeals.list_undecided(city.staff[by], now=NOW)]


async def test_appeal_goes_to_the_head_station_and_notifies_its_head(city):
    ban = await appealed(city)

    kept = await Ban.get(id=ban.id)
    assert (kept.appeal, kept.appealed_at) == ("事先请过假", NOW)
    assert kept.appeal_station_id == city.stations["江阳总站"].id
    assert await volunteering.told(city.staff["孙站长"].person_id) == ["ban_appealed"]


async def test_second_appeal_against_a_ban_is_refused(city):
    ban = await appealed(city)

    with pytest.raises(AlreadySubmitted):
        await ban_appeals.submit(await person_of(ban), reason="再看看", now=NOW)
    assert (await Ban.get()).appeal == "事先请过假"


async def test_each_ban_can_be_appealed_against(city):
    ban = await appealed(city)
    await decide(city, ban)
    volunteer = await Volunteer.get(id=ban.volunteer_id)
    second = await volunteering.ban(city, volunteer)

    again = await ban_appeals.submit(volunteer.person_id, reason="又弄错了", now=NOW)

    assert (again.id, again.appeal) == (second.id, "又弄错了")


async def test_appeal_without_a_ban_is_refused(city):
    volunteer = await volunteering.approved(city)

    with pytest.raises(NotBanned):
        await ban_appeals.submit(volunteer.person_id, reason="不服", now=NOW)
    with pytest.raises(NotFound):
        await ban_appeals.submit(city.grandma.id, reason="不服", now=NOW)


@pytest.mark.parametrize(
    ("by", "sees"),
    [("孙站长", True), ("冯科长", True), ("卫处长", True), ("郑社工", False), ("赵站长", False), ("褚科长", False)],
)
async def test_appeal_is_listed_for_the_head_station_and_its_officers(city, by, sees):
    ban = await appealed(city)

    assert await waiting(city, by) == ([ban.id] if sees else [])
    if sees:
        assert (await decide(city, ban, by=by)).decided_by_id == city.staff[by].person_id
    else:
        with pytest.raises(NotFound):
            await decide(city, ban, by=by)


async def test_granted_appeal_reinstates_the_volunteer(city):
    ban = await appealed(city)

    decided = await decide(city, ban, now=LATER)

    person_id = await person_of(ban)
    assert (decided.decision, decided.decided_at, decided.lifted_at, decided.open) == ("已核实", LATER, LATER, None)
    assert (await held(person_id)).status == S.APPROVED
    assert await Role.filter(person_id=person_id, kind=RoleKind.VOLUNTEER, current=1).count() == 1
    assert "ban_appeal_granted" in await volunteering.told(person_id)
    assert (await AuditEntry.get(action="ban.decided")).facts == {"granted": True}


async def test_refused_appeal_leaves_the_ban(city):
    ban = await appealed(city)

    decided = await decide(city, ban, grant=False)

    assert (decided.decision, decided.lifted_at, decided.open) == ("已核实", None, 1)
    assert (await Volunteer.get()).status == S.BANNED
    assert "ban_appeal_refused" in await volunteering.told(await person_of(ban))
    assert await waiting(city, "孙站长") == []


async def test_second_decision_is_refused(city):
    ban = await appealed(city)
    await decide(city, ban, grant=False)

    with pytest.raises(AlreadyDecided):
        await decide(city, ban, by="冯科长")
    assert (await Volunteer.get()).status == S.BANNED


async def test_head_lifts_a_ban_after_a_refused_appeal(city):
    ban = await appealed(city)
    await decide(city, ban, grant=False)

    assert (await lift(city, ban)).status == S.APPROVED


async def test_decision_on_a_lifted_ban_is_refused(city):
    ban = await appealed(city)
    await lift(city, ban)

    assert await waiting(city, "孙站长") == []
    with pytest.raises(AlreadyDecided):
        await decide(city, ban, grant=False)


async def test_decision_without_an_appeal_is_not_found(city):
    ban = await volunteering.banned(city)

    assert await waiting(city, "孙站长") == []
    with pytest.raises(NotFound):
        await decide(city, ban)


async def banned_by_the_head_station(city):
    """A volunteer of 江阳总站, banned by its head, who has appealed."""
    person = await volunteering.neighbour(city)
    volunteer = await volunteers.approved(person, city.stations["江阳总站"], NOW)
    ban = await volunteering.ban(city, volunteer, by="孙站长")
    await ban_appeals.submit(person.id, reason="事先请过假", now=NOW)
    return ban


async def test_appeal_against_the_head_station_goes_to_the_city(city):
    ban = await banned_by_the_head_station(city)

    assert (await Ban.get()).appeal_station_id == city.stations["市级服务台"].id
    assert await volunteering.told(city.staff["卫处长"].person_id) == ["ban_appealed"]
    for name in ("孙站长", "冯科长"):
        with pytest.raises(NotFound):
            await decide(city, ban, by=name)
    assert (await decide(city, ban, by="卫处长")).lifted_at == NOW


async def test_appeal_without_an_open_head_station_goes_to_the_city(city):
    await Station.filter(name="江阳总站").update(status=StationStatus.SUSPENDED)

    await appealed(city)

    assert (await Ban.get()).appeal_station_id == city.stations["市级服务台"].id


async def test_decision_by_the_head_who_banned_is_refused_at_every_station(city):
    await Role.filter(person_id=city.staff["孙站长"].person_id).update(current=None)
    zhao = await factories.Person.get(id=city.staff["赵站长"].person_id)
    await factories.role(zhao, RoleKind.STATION_HEAD, NOW, station=city.stations["江阳总站"])
    ban = await appealed(city)
    city.staff["赵站长"] = await factories.staff.of_person(zhao.id)

    assert await waiting(city, "赵站长") == []
    with pytest.raises(OwnDecision):
        await decide(city, ban, by="赵站长")
    assert "ban_appealed" in await volunteering.told(city.staff["冯科长"].person_id)
    assert "ban_appealed" not in await volunteering.told(zhao.id)


async def test_decision_on_the_own_ban_or_a_relatives_is_refused(city):
    sun = await factories.Person.get(id=city.staff["孙站长"].person_id)
    volunteer = await volunteers.approved(sun, city.stations["邻玉社工站"], NOW)
    own = await volunteering.ban(city, volunteer)
    await ban_appeals.submit(sun.id, reason="不服", now=NOW)
    relative = await appealed(city, "小王")
    await volunteering.live_together(sun.id, await person_of(relative))

    assert own.id not in await waiting(city, "孙站长")
    for ban in (own, relative):
        with pytest.raises(OwnDecision):
            await decide(city, ban)
        assert (await decide(city, ban, by="冯科长")).lifted_at == NOW


async def test_appeals_are_listed_oldest_first(city):
    second = await appealed(city, "小王", now=LATER)
    first = await appealed(city, "小李", now=NOW)

    assert await waiting(city, "孙站长") == [first.id, second.id]
