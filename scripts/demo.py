"""The demonstration: Luzhou's areas, stations, people to sign in as, needs in progress, activities,
a time bank, a supermarket.

Everything is made by the verbs of the domain, so it shows what the rules allow.
"""

from datetime import datetime, timedelta

from scripts import demo_activities, demo_duty, demo_needs, demo_supermarket, demo_time_bank
from scripts.demo_cast import Cast
from scripts.demo_network import CITY_DESK, CLOSED, NETWORK, PLANNED, REASONS, SUSPENDED, Premises
from scripts.demo_people import LINYU, NEIGHBOURS, PERSONAS, Persona, staff_name
from scripts.fake_wechat_server import openid_of
from scripts.set_up import Say, set_up
from server.database import db
from server.domain import areas, categories, coverage, profile, roles, staff, station_lifecycle, stations
from server.domain.needs import rerouting
from server.domain.roles import STATION_KINDS, Appointment
from server.domain.staff import Staff
from server.domain.stations import StationFacts
from server.models import Area, AreaLevel, Job, RoleKind

# By short names, from the county down: ("江阳区", "邻玉街道", "先锋村").
Path = tuple[str, ...]

FOUNDED_BEFORE = timedelta(days=200)
PILOT_BEFORE = timedelta(days=400)


async def load(url: str, now: datetime, say: Say) -> None:
    """Fill a migrated, empty database."""
    async with db.connected(url, pool=2):
        await fill(now, say)


async def fill(now: datetime, say: Say) -> None:
    """As `load`, with a connected database."""
    desk = await set_up(now, say)
    ids = await area_ids()
    people = {one.nickname: await newcomer(one, ids, now) for one in (*PERSONAS, *NEIGHBOURS)}
    city = await first_officer(people, now)
    await stations.change(desk.id, changes=CITY_DESK, by=city, now=now)
    founded = await build_network(people, ids, by=city, now=now, say=say)
    await appoint_officers(people, ids, by=city, now=now)
    say(f"{len(people)} people to sign in as")
    scopes = {nickname: await staff.of_person(person_id) for nickname, person_id in people.items()}
    await act(Cast(people, scopes, founded, ids[(*LINYU, "先锋村")], now), say)


async def act(cast: Cast, say: Say) -> None:
    """Play the past days of the people."""
    await demo_time_bank.open_(cast)
    say(f"{await demo_duty.open_(cast)} duty shifts")
    say(f"{await demo_needs.create_needs(cast)} needs")
    activities, bookings = await demo_activities.open_(cast)
    say(f"{activities} activities with {bookings} bookings")
    goods, deeds = await demo_supermarket.open_(cast)
    volunteers, records = await demo_time_bank.counted()
    say(f"{volunteers} volunteers with {records} services, {goods} goods and {deeds} deeds that earn points")


async def area_ids() -> dict[Path, int]:
    """Return present counties, towns and communities by their paths, and the city by the empty path."""
    found = {area.id: area for area in await Area.filter(valid_until=None).exclude(level=AreaLevel.PROVINCE)}
    lines = {area.id: [*area.ancestor_ids, area.id][2:] for area in found.values()}
    return {tuple(areas.short_name(found[one].name) for one in line): id_ for id_, line in lines.items()}


async def newcomer(persona: Persona, ids: dict[Path, int], now: datetime) -> int:
    """Create a person who may sign in, with home and phone, and return their id."""
    person = await roles.person_of_openid(openid_of(persona.nickname), name=persona.name, now=now)
    if persona.home:
        await profile.change(person.id, changes={"phone": persona.phone}, now=now)
        await profile.choose_home(person.id, area_id=ids[persona.home], now=now)
    return int(person.id)


async def first_officer(people: dict[str, int], now: datetime) -> Staff:
    nickname = next(one.nickname for one in PERSONAS if one.role == RoleKind.CITY_OFFICER)
    await roles.appoint(Appointment(people[nickname], RoleKind.CITY_OFFICER), by=None, now=now)
    return await staff.of_person(people[nickname])


async def build_network(
    people: dict[str, int], ids: dict[Path, int], *, by: Staff, now: datetime, say: Say
) -> dict[Path, int]:
    """Create every station with its people and return the ids by place."""
    codes = [one.category.code for one in await categories.list_categories(with_inactive=False)]
    founded: dict[Path, int] = {}
    for number, premises in enumerate(NETWORK, start=1):
        # The one that is closed by now belonged to the pilot.
        began = now - (PILOT_BEFORE if premises.status == CLOSED else FOUNDED_BEFORE)
        station_id = await found(premises, ids, number=number, by=by, now=began)
        await station_lifecycle.put_categories(station_id, codes=premises.offers(codes), by=by, now=began)
        await employ(station_id, premises, people, by=by, now=began)
        await bring_to_status(station_id, premises, by=by, began=began, now=now)
        founded[premises.path] = station_id
    # Nobody has filed a need yet.
    await Job.filter(kind=rerouting.JOB_KIND).delete()
    say(f"{len(founded)} stations in every status, and the city desk")
    return founded


async def found(premises: Premises, ids: dict[Path, int], *, number: int, by: Staff, now: datetime) -> int:
    """Create a station that covers its areas and return its id."""
    founding = StationFacts(premises.level, ids[premises.path], premises.name, premises.page(number))
    station = await stations.create(founding, by=by, now=now)
    covers = [ids[path] for path in premises.covers]
    await coverage.cover(station.id, area_ids=covers, valid_from=stations.today(now), by=by, now=now)
    return station.id


async def bring_to_status(station_id: int, premises: Premises, *, by: Staff, began: datetime, now: datetime) -> None:
    if premises.status == PLANNED:
        return
    await station_lifecycle.open_station(station_id, by=by, now=began)
    if premises.status == SUSPENDED:
        await station_lifecycle.suspend(station_id, reason=REASONS[SUSPENDED], by=by, now=now)
    elif premises.status == CLOSED:
        await station_lifecycle.close(station_id, reason=REASONS[CLOSED], by=by, now=now - FOUNDED_BEFORE)
        await station_lifecycle.finish_closing(station_id, now=now - FOUNDED_BEFORE)


async def employ(station_id: int, premises: Premises, people: dict[str, int], *, by: Staff, now: datetime) -> None:
    """Appoint the personas who work at the station, and made-up people for what it still lacks to open."""
    here = {
        one.role: people[one.nickname] for one in PERSONAS if one.where == premises.path and one.role in STATION_KINDS
    }
    for number, kind in enumerate(premises.people):
        person_id = here.get(kind) or await made_up(station_id, number, now)
        await roles.appoint(Appointment(person_id, kind, station_id=station_id), by=by.person_id, now=now)


async def made_up(station_id: int, number: int, now: datetime) -> int:
    """Create a person of the staff, with a name of their own in the network, and return their id."""
    nickname, name = f"staff{station_id}x{number}", staff_name(2 * station_id + number)
    return int((await roles.person_of_openid(openid_of(nickname), name=name, now=now)).id)


async def appoint_officers(people: dict[str, int], ids: dict[Path, int], *, by: Staff, now: datetime) -> None:
    for persona in PERSONAS:
        if persona.role == RoleKind.COUNTY_OFFICER:
            wanted = Appointment(people[persona.nickname], persona.role, county_id=ids[persona.where])
            await roles.appoint(wanted, by=by.person_id, now=now - FOUNDED_BEFORE)
